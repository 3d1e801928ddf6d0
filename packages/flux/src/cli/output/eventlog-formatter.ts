import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import { encodeEntry } from "@flux-ts/protocol/job/eventlog";
import { type Json, stringifyJson } from "@flux-ts/protocol/schema/json";
import { sgr } from "./color.ts";
import { isoTime, minuteTime } from "./time.ts";

export type EventlogTimes = "raw" | "human" | "iso" | "offset";

export interface EventlogFormat {
  /** `json`: RFC 18 objects as they are. */
  readonly form: "text" | "json";
  readonly times: EventlogTimes;
  readonly color: boolean;
}

/** Events as lines for people (cli §2.6): `1795336222.138219 priority priority=16`. */
export class EventlogFormatter {
  readonly #format: EventlogFormat;
  /** Timestamp of the first event, from which offsets count. */
  #first: number | undefined;
  /** The minute that was printed last, and the timestamp that brought it. */
  #minute: { readonly text: string; readonly since: number } | undefined;

  constructor(format: EventlogFormat) {
    this.#format = format;
  }

  /** An event that is not printed: offsets count from the first one all the same. */
  pass({ timestamp }: EventlogEntry): void {
    this.#first ??= timestamp;
  }

  /** The line of an event, without a newline. */
  line(entry: EventlogEntry): string {
    this.pass(entry);
    if (this.#format.form === "json") return encodeEntry(entry).trimEnd();
    const nameColor = entry.name === "exception" ? sgr.bold + sgr.red : sgr.yellow;
    const words = [this.#time(entry.timestamp), this.#paint(nameColor, entry.name)];
    for (const [key, value] of Object.entries(entry.context ?? {})) {
      if (value !== undefined) words.push(this.#member(key, value));
    }
    return words.join(" ");
  }

  #member(key: string, value: Json): string {
    const color = typeof value === "number" || typeof value === "bigint" ? sgr.gray : sgr.magenta;
    return `${this.#paint(sgr.blue, key)}=${this.#paint(color, stringifyJson(value))}`;
  }

  #time(timestamp: number): string {
    switch (this.#format.times) {
      case "raw":
        return this.#paint(sgr.green, timestamp.toFixed(6));
      case "iso":
        return this.#paint(sgr.green, isoTime(timestamp));
      case "offset":
        return this.#paint(sgr.green, (timestamp - this.#first!).toFixed(6));
      case "human":
        return this.#humanTime(timestamp);
    }
  }

  /** The minute when it is another one, else the seconds since the event that brought it. */
  #humanTime(timestamp: number): string {
    const text = minuteTime(timestamp);
    if (text !== this.#minute?.text) {
      this.#minute = { text, since: timestamp };
      return this.#paint(sgr.bold + sgr.green, `[${text}]`);
    }
    const offset = timestamp - this.#minute.since;
    const signed = `${offset < 0 ? "" : "+"}${offset.toFixed(6)}`;
    return this.#paint(sgr.green, `[${signed.padStart(11)}]`);
  }

  #paint(color: string, text: string): string {
    return this.#format.color ? color + text + sgr.reset : text;
  }
}
