import { type EventlogEntry, encodeEntry, memberText } from "@flux-ts/protocol/job/eventlog";
import { isJsonObject, type Json } from "@flux-ts/protocol/schema/json";
import { CommandError } from "../usage-error.ts";
import { sgr } from "./color.ts";
import { isoTime, isSameMinute, minuteTime, timeOffset } from "./time.ts";

export interface EventlogStyle {
  readonly format: "text" | "json";
  readonly time: "raw" | "iso" | "offset" | "human";
  readonly color: boolean;
  /** Times as flux-core's Python tools print them: offsets in columns, ISO times cut off. */
  readonly likePython?: boolean;
}

/** The style that `--format`, `--time-format`, `--human` ask for. */
export function eventlogStyle(
  options: {
    readonly format: string;
    readonly timeFormat: string;
    readonly human: boolean;
  },
  color: boolean,
): EventlogStyle {
  if (options.human) return { format: "text", time: "human", color };
  const { format, timeFormat } = options;
  if (format !== "text" && format !== "json") {
    throw new CommandError(`invalid format type '${format}'`);
  }
  const time = timeFormat === "reltime" ? "human" : timeFormat;
  if (time !== "raw" && time !== "iso" && time !== "offset" && time !== "human") {
    throw new CommandError(`invalid time-format type '${timeFormat}'`);
  }
  return { format, time, color };
}

/** Prints events of an eventlog (RFC 18), one a line. */
export class EventlogLines {
  readonly #style: EventlogStyle;
  #zero: number | undefined;
  #reference: number | undefined;

  constructor(style: EventlogStyle) {
    this.#style = style;
  }

  /** Note an event that is not printed: offsets count from the first event of the log. */
  skip({ timestamp }: EventlogEntry): void {
    this.#zero ??= timestamp;
  }

  format(entry: EventlogEntry): string {
    this.skip(entry);
    if (this.#style.format === "json") return encodeEntry(entry).trimEnd();
    const color = entry.name === "exception" ? `${sgr.bold}${sgr.red}` : sgr.yellow;
    const words = [this.#time(entry.timestamp), this.#paint(color, entry.name)];
    for (const [key, value] of Object.entries(entry.context ?? {})) {
      if (value === undefined) continue;
      const text = memberText(entry.name, key, value);
      words.push(`${this.#paint(sgr.blue, key)}=${this.#value(value, text)}`);
    }
    return words.join(" ");
  }

  #time(timestamp: number): string {
    switch (this.#style.time) {
      case "raw":
        return this.#paint(sgr.green, timestamp.toFixed(6));
      case "iso": {
        const shown = this.#style.likePython ? Math.trunc(timestamp * 1e6) / 1e6 : timestamp;
        return this.#paint(sgr.green, isoTime(shown));
      }
      case "offset": {
        const columns = this.#style.likePython ? 15 : 0;
        return this.#paint(sgr.green, (timestamp - this.#zero!).toFixed(6).padStart(columns));
      }
      case "human": {
        const reference = this.#reference;
        if (reference !== undefined && isSameMinute(reference, timestamp)) {
          return this.#paint(sgr.green, `[${timeOffset(timestamp - reference)}]`);
        }
        this.#reference = timestamp;
        return this.#paint(sgr.boldGreen, `[${minuteTime(timestamp)}]`);
      }
    }
  }

  #value(value: Json, text: string): string {
    if (typeof value === "number" || typeof value === "bigint") return this.#paint(sgr.gray, text);
    const isText = typeof value === "string" || isJsonObject(value) || Array.isArray(value);
    return isText ? this.#paint(sgr.magenta, text) : text;
  }

  #paint(color: string, text: string): string {
    return this.#style.color ? `${color}${text}${sgr.reset}` : text;
  }
}
