import { Errno } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { lastErrno, libc } from "./libc.ts";
import { closeFd, setNonBlocking } from "./pipe.ts";
import { FdPoll } from "./poll.ts";

/**
 * Bytes read at once, and how often in one go, so that one busy stream does not starve the others.
 */
const chunkBytes = 65_536;
const readsPerTurn = 4;

let scratch: Uint8Array | undefined;

export interface FdReaderEvents {
  /** The bytes are the receiver's to keep. */
  onData(data: Uint8Array): void;
  /** Nothing more will come, and the descriptor is closed. */
  onEnd(error?: FluxError): void;
}

/**
 * Reads a pipe, socket or terminal as data comes. It takes half of the time of a `net.Socket`,
 * which matters where every short command has two of them. Owns the descriptor.
 */
export class FdReader {
  readonly fd: number;
  readonly #events: FdReaderEvents;
  #poll: FdPoll | undefined;
  #ended = false;
  #paused = true;

  /** Call `resume` to start reading. */
  constructor(fd: number, events: FdReaderEvents) {
    this.fd = fd;
    this.#events = events;
    setNonBlocking(fd);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Leave the data in the kernel until `resume`, so that the writer has to wait. */
  pause(): void {
    this.#paused = true;
    this.#poll?.pause();
  }

  /** Reads what is there at once, so `onData` and `onEnd` may come before this returns. */
  resume(): void {
    if (!this.#paused || this.#ended) return;
    this.#paused = false;
    this.#read();
  }

  /** Stop reading; neither `onData` nor `onEnd` is called any more. */
  close(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#poll?.close();
    closeFd(this.fd);
  }

  #watch(): void {
    if (this.#poll) this.#poll.resume();
    else this.#poll = new FdPoll(this.fd, "readable", this.#read);
  }

  readonly #read = (): void => {
    for (let i = 0; i < readsPerTurn && !this.#paused && !this.#ended; i++) {
      scratch ??= new Uint8Array(chunkBytes);
      const size = libc().read(this.fd, scratch, chunkBytes);
      if (size > 0) {
        this.#events.onData(scratch.slice(0, size));
        continue;
      }
      const errnum = size === 0 ? 0 : lastErrno();
      if (errnum === Errno.EINTR) continue;
      if (errnum === Errno.EAGAIN) break;
      this.#end(errnum);
    }
    if (!this.#ended && !this.#paused) this.#watch();
  };

  #end(errnum: number): void {
    this.close();
    // A terminal whose last user is gone reads EIO: that is its end of file.
    const failed = errnum !== 0 && errnum !== Errno.EIO && errnum !== Errno.ECONNRESET;
    this.#events.onEnd(failed ? new FluxError(errnum) : undefined);
  }
}
