import { readFileSync } from "node:fs";
import { isatty } from "node:tty";
import type { Input } from "./output.ts";

/** Standard input of the process. */
export class FdInput implements Input {
  get isTerminal(): boolean {
    return isatty(0);
  }

  setRaw(): () => void {
    if (!this.isTerminal) return () => {};
    process.stdin.setRawMode(true);
    const restore = (): void => {
      process.stdin.setRawMode(false);
    };
    // The command may end in the middle of an attachment.
    process.once("exit", restore);
    return () => {
      process.off("exit", restore);
      restore();
    };
  }

  async text(): Promise<string> {
    return Buffer.from(await this.bytes()).toString("utf8");
  }

  async bytes(): Promise<Uint8Array> {
    try {
      return readFileSync(0);
    } catch (error) {
      // A non-blocking pipe or terminal cannot be read this way.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of process.stdin) chunks.push(chunk as Uint8Array);
    return Buffer.concat(chunks);
  }

  async *lines(): AsyncIterable<string> {
    let rest = "";
    process.stdin.setEncoding("utf8");
    for await (const chunk of process.stdin) {
      const lines = (rest + String(chunk)).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
    if (rest !== "") yield rest;
  }

  follow(handler: (chunk: Uint8Array | undefined) => void): { stop(): void } {
    const { stdin } = process;
    const onEnd = (): void => handler(undefined);
    stdin.on("data", handler);
    stdin.once("end", onEnd);
    // A listener alone does not make it flow again once it was paused.
    stdin.resume();
    return {
      stop() {
        stdin.off("data", handler);
        stdin.off("end", onEnd);
        stdin.pause();
      },
    };
  }
}
