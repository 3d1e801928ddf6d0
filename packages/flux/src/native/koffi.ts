/**
 * The parts of the FFI library that we use, typed; its own declarations are `any`. The library
 * keeps no reference to the memory passed to an asynchronous call: the caller must, until the
 * callback.
 */
export interface Koffi {
  load(path: string | null): { func(prototype: string): unknown };
  errno(): number;
  address(memory: NodeJS.ArrayBufferView): bigint;
  node: {
    poll(
      fd: number,
      events: { readable?: boolean; writable?: boolean },
      callback: () => void,
    ): PollHandle;
  };
}

/** A C function: called directly it blocks; `async` runs it on the thread pool. */
export interface Native<Arguments extends unknown[], Result> {
  (...args: Arguments): Result;
  async(
    ...args: [...Arguments, callback: (error: unknown, result: Result | undefined) => void]
  ): void;
}

/** Stops silently when collected, so keep a reference while it is in use. */
export interface PollHandle {
  start(events: { readable?: boolean; writable?: boolean }, callback: () => void): void;
  stop(): void;
  close(): void;
  ref(): void;
  unref(): void;
}
