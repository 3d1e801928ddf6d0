import { decodeUtf8 } from "@flux-ts/protocol/message/text";

/** Cuts appended pieces of an eventlog into lines; a piece may end in the middle of one. */
export class EventLines {
  #rest = "";

  /** Whole lines, with their newline, that are there now. */
  add(bytes: Uint8Array): string[] {
    const text = this.#rest + decodeUtf8(bytes);
    const end = text.lastIndexOf("\n") + 1;
    this.#rest = text.slice(end);
    return end === 0 ? [] : text.slice(0, end).split(/(?<=\n)/);
  }
}
