import { FluxError } from "../rpc/error.ts";
import { pmiLineMax } from "./result.ts";

/** Cuts what arrives on a PMI connection into lines; holds at most one unfinished line. */
export class PmiLineSplitter {
  readonly #max: number;
  #held = "";

  /** `max`: longest line accepted, in characters. */
  constructor(max: number = pmiLineMax) {
    this.#max = max;
  }

  /** The lines that are complete now, without their newlines. EPROTO if one is too long. */
  feed(text: string): string[] {
    const lines = (this.#held + text).split("\n");
    this.#held = lines.pop() ?? "";
    if ([this.#held, ...lines].some((line) => line.length > this.#max)) {
      throw new FluxError("EPROTO", `PMI: a line is longer than ${this.#max} bytes`);
    }
    return lines;
  }
}
