import { FdReader } from "../native/fd-reader.ts";
import { LineBuffer } from "./line-buffer.ts";
import type { Output } from "./output.ts";
import type { StreamOptions } from "./stream-options.ts";

/** Reads one stream of a process and passes it on as its options say, ending with one eof. */
export class OutputStream {
  readonly #reader: FdReader;

  constructor(fd: number, stream: string, options: StreamOptions, emit: (output: Output) => void) {
    const lines = options.lineBuffered ? new LineBuffer(options.bufferBytes) : undefined;
    this.#reader = new FdReader(fd, {
      onData(bytes) {
        const data = lines ? lines.push(bytes) : bytes;
        if (data) emit({ stream, data });
      },
      onEnd() {
        const rest = lines?.end();
        if (rest) emit({ stream, data: rest });
        emit({ stream, eof: true });
      },
    });
  }

  get ended(): boolean {
    return this.#reader.ended;
  }

  pause(): void {
    this.#reader.pause();
  }

  /** Streams start paused. */
  resume(): void {
    this.#reader.resume();
  }

  close(): void {
    this.#reader.close();
  }
}
