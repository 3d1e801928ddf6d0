import { close, constants, openSync, write } from "node:fs";
import { errnoText } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";

/** Bytes that may wait for a slow file system before tasks are asked to wait. */
const highMark = 8_388_608;
const mode = 0o644;

/** A file that output goes to, possibly that of several tasks; written in the order of calls. */
export class OutputFile {
  readonly #fd: number;
  readonly #label: boolean;
  readonly #onPressure: (high: boolean) => void;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #writing: Promise<void> | undefined;
  #pressed = false;
  #isClosed = false;
  #error: Error | undefined;

  /** Throws the FluxError of open(2). */
  constructor(
    path: string,
    options: { append: boolean; label: boolean; onPressure: (high: boolean) => void },
  ) {
    const how = options.append ? constants.O_APPEND : constants.O_TRUNC;
    const flags = constants.O_CREAT | constants.O_WRONLY | how;
    try {
      this.#fd = openSync(path, flags, mode);
    } catch (cause) {
      const errnum = -((cause as NodeJS.ErrnoException).errno ?? -5);
      const reason = `error opening output file '${path}': ${errnoText(errnum)}`;
      throw new FluxError(errnum, reason, { cause });
    }
    this.#label = options.label;
    this.#onPressure = options.onPressure;
  }

  /** A piece of a task's output; with labels, one line at most. */
  write(rank: string, data: Uint8Array): void {
    if (this.#label) this.append(`${rank}: `);
    this.#push(data);
  }

  append(text: string): void {
    this.#push(new TextEncoder().encode(text));
  }

  /** Whether lines are to be written one at a time. */
  get isLabelled(): boolean {
    return this.#label;
  }

  /** Resolves when everything is written, to what went wrong, if anything. */
  async close(): Promise<Error | undefined> {
    this.#isClosed = true;
    while (this.#writing) await this.#writing;
    await new Promise<void>((resolve) => close(this.#fd, () => resolve()));
    return this.#error;
  }

  #push(data: Uint8Array): void {
    // Of tasks that were killed; the descriptor may be another file's by now.
    if (this.#isClosed) return;
    this.#queue.push(data);
    this.#queued += data.length;
    if (this.#queued > highMark) this.#press(true);
    this.#writing ??= this.#flush();
  }

  async #flush(): Promise<void> {
    // What comes in this turn of the event loop is written at once.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const batch = this.#queue.length === 1 ? this.#queue[0]! : Buffer.concat(this.#queue);
      this.#queue = [];
      this.#queued = 0;
      await this.#writeAll(batch);
      this.#press(false);
    }
    this.#writing = undefined;
  }

  async #writeAll(data: Uint8Array): Promise<void> {
    for (let rest = data; rest.length > 0 && !this.#error; ) {
      const size = await new Promise<number>((resolve) => {
        write(this.#fd, rest, (error, written) => {
          if (error) this.#error = error;
          resolve(written);
        });
      });
      rest = rest.subarray(size);
    }
  }

  #press(high: boolean): void {
    if (high === this.#pressed) return;
    this.#pressed = high;
    this.#onPressure(high);
  }
}
