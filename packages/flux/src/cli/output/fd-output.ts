import { writeSync } from "node:fs";
import { isatty, WriteStream } from "node:tty";
import { type Json, stringifyJson } from "@flux-ts/protocol/schema/json";
import type { Output } from "./output.ts";

/** The reader of our output is gone; a command ends then, as SIGPIPE would end it. */
export class BrokenPipe extends Error {
  override readonly name = "BrokenPipe";
}

/**
 * Output to a file descriptor, written at once: process.stdout takes milliseconds to set up and loses
 * what a pipe has not taken when the process exits.
 */
export class FdOutput implements Output {
  readonly #fd: number;
  readonly #columnsFromEnv: string | undefined;
  #isTerminal: boolean | undefined;
  #stream: WriteStream | undefined;

  constructor(fd: number, env: Readonly<Record<string, string | undefined>>) {
    this.#fd = fd;
    this.#columnsFromEnv = env.COLUMNS;
  }

  write(data: string | Uint8Array): void {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    for (let at = 0; at < bytes.length; ) {
      try {
        at += writeSync(this.#fd, bytes, at);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === "EPIPE") throw new BrokenPipe();
        if (code !== "EAGAIN") throw error;
        // Somebody else made the pipe non-blocking: wait a moment for its reader.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
      }
    }
  }

  line(text: string): void {
    this.write(`${text}\n`);
  }

  json(value: unknown): void {
    this.line(stringifyJson(value as Json));
  }

  get isTerminal(): boolean {
    this.#isTerminal ??= isatty(this.#fd);
    return this.#isTerminal;
  }

  get columns(): number {
    const fromEnv = Number(this.#columnsFromEnv);
    if (Number.isInteger(fromEnv) && fromEnv > 0) return fromEnv;
    if (!this.isTerminal) return 80;
    return this.#terminal().columns || 80;
  }

  get rows(): number {
    return (this.isTerminal && this.#terminal().rows) || 24;
  }

  #terminal(): WriteStream {
    this.#stream ??= new WriteStream(this.#fd);
    return this.#stream;
  }
}
