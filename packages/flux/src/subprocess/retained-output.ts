import { splitLines } from "./line-buffer.ts";
import type { Output } from "./output.ts";

/** How much of a waitable process's output is kept for the answer to `wait`, as in flux-core. */
export const maxRetainedBytes = 8192;

/** The most recent output of a process, in whole lines where that is possible. */
export class RetainedOutput {
  #kept: { stream: string; data: Uint8Array }[] = [];
  #bytes = 0;

  push(stream: string, data: Uint8Array): void {
    const recent = tail(data);
    this.#kept.push({ stream, data: recent });
    this.#bytes += recent.length;
    while (this.#bytes > maxRetainedBytes) this.#bytes -= this.#kept.shift()!.data.length;
  }

  /** In the order in which it was produced. */
  get output(): readonly Output[] {
    return this.#kept;
  }
}

/** The last whole lines that fit, or the end of the last line if even that does not. */
function tail(data: Uint8Array): Uint8Array {
  if (data.length <= maxRetainedBytes) return data;
  const end = data.subarray(data.length - maxRetainedBytes);
  const [first] = splitLines(end);
  const rest = end.subarray(first!.length + 1);
  return rest.length > 0 ? rest : end;
}
