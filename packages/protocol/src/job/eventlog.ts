import { FluxError } from "../rpc/error.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  parseJson,
  stringifyJson,
} from "../schema/json.ts";
import { formatReal } from "../schema/real.ts";

/**
 * Event logs (RFC 18): one JSON object a line, appended and never rewritten. Job, execution, output
 * and resource events all have this form; what is in a context is their own business.
 */
export interface EventlogEntry {
  /** Seconds since the epoch, greater than zero. */
  readonly timestamp: number;
  readonly name: string;
  readonly context?: JsonObject;
}

/** A whole log. EINVAL naming the first bad line; the empty text is an empty log. */
export function parseEventlog(text: string): EventlogEntry[] {
  if (text === "") return [];
  const lines = text.split("\n");
  // RFC 18: only whole events are appended, so a log without a final newline was cut off.
  if (lines.pop() !== "") throw refuse(lines.length + 1, "no newline at its end");
  return lines.map((line, index) => entryOf(line, index + 1));
}

/** One event, with or without its newline, such as a KVS append or a watch response delivers it. */
export function parseEntry(line: string): EventlogEntry {
  return entryOf(line.endsWith("\n") ? line.slice(0, -1) : line, undefined);
}

/** The line of an event, with its newline. EINVAL if it is not one. */
export function encodeEntry(entry: EventlogEntry): string {
  checkEntry(entry.timestamp, entry.name, entry.context, undefined);
  const { timestamp, name, context } = entry;
  const rest = context ? `,"context":${contextText(name, context)}` : "";
  return `{"timestamp":${formatReal(timestamp)},"name":${JSON.stringify(name)}${rest}}\n`;
}

/** Members of event contexts that peers read as reals, by the event's name (RFC 21). */
const realMembers: Readonly<Record<string, string>> = {
  "jobspec-update": "attributes.system.duration",
  "resource-update": "expiration",
};

/** JSON text of the context of an event. */
export function contextText(name: string, context: JsonObject): string {
  const member = Object.hasOwn(realMembers, name) ? realMembers[name] : undefined;
  if (member === undefined || typeof context[member] !== "number") return stringifyJson(context);
  const members = Object.entries(context)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${JSON.stringify(key)}:${memberText(name, key, value!)}`);
  return `{${members.join(",")}}`;
}

/** JSON text of a member of an event's context: `3600.0` where a real is meant. */
export function memberText(event: string, key: string, value: Json): string {
  const isReal = typeof value === "number" && realMembers[event] === key;
  return isReal ? formatReal(value) : stringifyJson(value);
}

export function encodeEventlog(entries: Iterable<EventlogEntry>): string {
  let text = "";
  for (const entry of entries) text += encodeEntry(entry);
  return text;
}

function entryOf(line: string, number: number | undefined): EventlogEntry {
  if (line.includes("\n")) throw refuse(number, "a newline within the event");
  let value: Json;
  try {
    value = parseJson(line);
  } catch (cause) {
    throw refuse(number, "not JSON", cause);
  }
  if (!isJsonObject(value)) throw refuse(number, "not a JSON object");
  const { timestamp, name, context } = value;
  checkEntry(timestamp, name, context, number);
  const entry = { timestamp: timestamp as number, name: name as string };
  return context === undefined ? entry : { ...entry, context: context as JsonObject };
}

function checkEntry(timestamp: unknown, name: unknown, context: unknown, line?: number): void {
  if (typeof timestamp !== "number") throw refuse(line, "timestamp is not a number");
  if (!(timestamp > 0)) throw refuse(line, "timestamp is not greater than zero");
  if (typeof name !== "string") throw refuse(line, "name is not a string");
  if (name === "") throw refuse(line, "name is empty");
  if (context !== undefined && !isJsonObject(context as Json)) {
    throw refuse(line, "context is not an object");
  }
}

function refuse(line: number | undefined, what: string, cause?: unknown): FluxError {
  const where = line === undefined ? "event" : `eventlog line ${line}`;
  return new FluxError("EINVAL", `${where}: ${what}`, { cause });
}
