import { closeSync, openSync } from "node:fs";
import { reasonOf } from "../submission/key-values.ts";
import { CommandError } from "../usage-error.ts";
import { FdOutput } from "./fd-output.ts";

/** Files of `--log`, opened once each. */
export class LogFiles {
  readonly #files = new Map<string, { fd: number; output: FdOutput }>();

  open(path: string): FdOutput {
    const found = this.#files.get(path);
    if (found) return found.output;
    let fd: number;
    try {
      fd = openSync(path, "w");
    } catch (error) {
      throw new CommandError(`${reasonOf(error)}: '${path}'`);
    }
    const output = new FdOutput(fd, {});
    this.#files.set(path, { fd, output });
    return output;
  }

  close(): void {
    for (const { fd } of this.#files.values()) closeSync(fd);
    this.#files.clear();
  }
}
