import type { PollHandle } from "./koffi.ts";
import { openPoll } from "./libc.ts";

/** Descriptors being watched: a handle that is collected would stop without a word. */
const watched = new Set<FdPoll>();

/**
 * Calls back while a descriptor of any kind is readable (or writable): pipes, terminals, process
 * descriptors. It keeps the event loop alive. Close it before the descriptor.
 */
export class FdPoll {
  readonly #handle: PollHandle;
  readonly #events: { readable: true } | { writable: true };
  readonly #onReady: () => void;
  #scheduled = false;
  #active = true;
  #closed = false;

  constructor(fd: number, event: "readable" | "writable", onReady: () => void) {
    this.#events = event === "readable" ? { readable: true } : { writable: true };
    this.#onReady = onReady;
    this.#handle = openPoll(fd, this.#events, this.#schedule);
    watched.add(this);
  }

  /** Stop calling back until `resume`. */
  pause(): void {
    if (!this.#active || this.#closed) return;
    this.#active = false;
    this.#handle.stop();
  }

  resume(): void {
    if (this.#active || this.#closed) return;
    this.#active = true;
    this.#handle.start(this.#events, this.#schedule);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    watched.delete(this);
    this.#handle.close();
  }

  // The library calls this outside of any callback scope: promise jobs would be left lying,
  // exceptions lost. An immediate runs in the same turn of the loop, before it polls again.
  readonly #schedule = (): void => {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#run);
  };

  readonly #run = (): void => {
    this.#scheduled = false;
    if (this.#active && !this.#closed) this.#onReady();
  };
}
