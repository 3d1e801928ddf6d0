import { MessageType } from "@flux-ts/protocol/message/message";
import { errnoName } from "@flux-ts/protocol/rpc/errno";
import { type Json, stringifyJson } from "@flux-ts/protocol/schema/json";
import { formatG } from "@flux-ts/protocol/text/printf";
import { sgr } from "./color.ts";
import { indentJson } from "./json-text.ts";
import { dateTime, isSameMinute, minuteTime, timeOffset } from "./time.ts";

/** A message that a broker reports to `flux module trace` or `flux overlay trace`. */
export interface TracedMessage {
  readonly timestamp: number;
  /** `rx` or `tx`. */
  readonly prefix: string;
  readonly type: number;
  readonly topic: string;
  readonly payload_size: number;
  readonly payload?: Json | undefined;
  readonly errnum?: number | undefined;
  readonly errstr?: string | undefined;
}

export interface TraceStyle {
  readonly color: boolean;
  readonly human: boolean;
}

const symbols: Record<number, string> = {
  [MessageType.Request]: ">",
  [MessageType.Response]: "<",
  [MessageType.Event]: "e",
  [MessageType.Control]: "c",
};
const colors: Record<number, string> = {
  [MessageType.Request]: "\x1b[01;34m",
  [MessageType.Response]: sgr.cyan,
  [MessageType.Event]: sgr.yellow,
  [MessageType.Control]: sgr.bold,
};
const failed = `${sgr.bold}${sgr.red}`;

/** Prints traced messages, one line each, with the payload below if it is there. */
export class TraceLines {
  readonly #style: TraceStyle;
  #last = 0;

  constructor(style: TraceStyle) {
    this.#style = style;
  }

  /** `who`: the module or peer, padded. */
  format(who: string, message: TracedMessage): string {
    const { timestamp, prefix, type, topic, payload_size, errnum = 0 } = message;
    const symbol = symbols[type] ?? "?";
    const status = type === MessageType.Response ? ` ${statusOf(errnum)}` : "";
    const line = `${who} ${prefix} ${symbol} ${topic} [${sizeText(payload_size)}]${status}`;
    const body = bodyOf(message);
    const text = body === undefined ? line : `${line}\n${body}`;
    const isFailure = type === MessageType.Response && errnum > 0;
    return `${this.#time(timestamp)} ${this.#paint(isFailure ? failed : (colors[type] ?? ""), text)}`;
  }

  #time(timestamp: number): string {
    if (!this.#style.human) {
      const millis = String(Math.floor((timestamp % 1) * 1000)).padStart(3, "0");
      return this.#paint(sgr.green, `${dateTime(timestamp)}.${millis}`);
    }
    if (isSameMinute(timestamp, this.#last)) {
      return `${this.#paint(sgr.green, `[${timeOffset(timestamp % 60)}]`)} `;
    }
    this.#last = timestamp;
    return `${this.#paint(sgr.boldGreen, `[${minuteTime(timestamp)}]`)} `;
  }

  #paint(color: string, text: string): string {
    return this.#style.color ? `${color}${text}${sgr.reset}` : text;
  }
}

function statusOf(errnum: number): string {
  return errnum === 0 ? "success" : (errnoName(errnum) ?? `errno ${errnum}`);
}

function bodyOf({ errnum = 0, errstr, payload }: TracedMessage): string | undefined {
  if (errnum > 0) return errstr || undefined;
  return payload === null || payload === undefined
    ? undefined
    : indentJson(stringifyJson(payload), 2);
}

/** A size in bytes with up to 8 digits and a power-of-1024 suffix. */
export function sizeText(bytes: number): string {
  const suffixes = ["", "K", "M", "G", "T", "P", "E"];
  let value = bytes;
  let i = 0;
  for (; value >= 1024; i++) value /= 1024;
  return `${formatG(value, 8)}${suffixes[i]}`;
}

/** Message types by the names that `--type` takes. */
export const traceTypes = {
  request: MessageType.Request,
  response: MessageType.Response,
  event: MessageType.Event,
  control: MessageType.Control,
} as const;

/** The mask of a list of type names, all if none is given; undefined if one is unknown. */
export function typeMaskOf(names: readonly string[]): number | undefined {
  if (names.length === 0) return 0xf;
  let mask = 0;
  for (const name of names) {
    const type = traceTypes[name as keyof typeof traceTypes];
    if (type === undefined) return undefined;
    mask |= type;
  }
  return mask;
}
