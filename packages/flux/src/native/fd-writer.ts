import { Errno } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { lastErrno, libc } from "./libc.ts";
import { closeFd, setNonBlocking } from "./pipe.ts";
import { FdPoll } from "./poll.ts";

export interface FdWriterEvents {
  /** This many bytes have left the buffer. */
  onDrain?(bytes: number): void;
  /** The reader is gone. What was or will be written is dropped, and counts as drained. */
  onError?(error: FluxError): void;
}

export interface FdWriterOptions {
  /** Most bytes to hold for a slow reader; `write` throws ENOSPC for more. */
  readonly limitBytes: number;
  /** How to end the stream; default: close the descriptor. */
  readonly close?: (fd: number) => void;
}

/**
 * Writes to a pipe, socket or terminal without blocking, and keeps what does not fit. Owns the
 * descriptor.
 */
export class FdWriter {
  readonly fd: number;
  readonly #options: FdWriterOptions;
  readonly #events: FdWriterEvents;
  #poll: FdPoll | undefined;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #state: "open" | "ending" | "closed" = "open";
  #broken = false;

  constructor(fd: number, options: FdWriterOptions, events: FdWriterEvents = {}) {
    this.fd = fd;
    this.#options = options;
    this.#events = events;
    setNonBlocking(fd);
  }

  get bufferedBytes(): number {
    return this.#queuedBytes;
  }

  /** Throws ENOSPC if the buffer has no room for all of it, EPIPE after `end`. */
  write(data: Uint8Array): void {
    if (this.#state !== "open") throw new FluxError("EPIPE");
    if (this.#queuedBytes + data.length > this.#options.limitBytes) throw new FluxError("ENOSPC");
    if (data.length === 0) return;
    this.#queue.push(data);
    this.#queuedBytes += data.length;
    if (!this.#poll) this.#flush();
  }

  /** End of stream, once everything is written. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ending";
    if (this.#queuedBytes === 0) this.close();
  }

  /** End now, dropping what is still in the buffer. */
  close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#poll?.close();
    this.#poll = undefined;
    (this.#options.close ?? closeFd)(this.fd);
  }

  readonly #flush = (): void => {
    let drained = 0;
    while (this.#queue.length > 0) {
      const data = this.#queue[0]!;
      const size = this.#broken ? data.length : libc().write(this.fd, data, data.length);
      if (size < 0) {
        const errnum = lastErrno();
        if (errnum === Errno.EINTR) continue;
        if (errnum === Errno.EAGAIN) break;
        this.#broken = true;
        this.#events.onError?.(new FluxError(errnum));
        continue;
      }
      drained += size;
      if (size === data.length) this.#queue.shift();
      else this.#queue[0] = data.subarray(size);
    }
    if (this.#state === "closed") return;
    this.#queuedBytes -= drained;
    this.#settle();
    if (drained > 0) this.#events.onDrain?.(drained);
  };

  #settle(): void {
    if (this.#queue.length > 0) {
      if (this.#poll) this.#poll.resume();
      else this.#poll = new FdPoll(this.fd, "writable", this.#flush);
    } else if (this.#state === "ending") {
      this.close();
    } else {
      this.#poll?.close();
      this.#poll = undefined;
    }
  }
}
