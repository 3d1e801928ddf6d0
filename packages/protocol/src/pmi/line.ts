import { FluxError } from "../rpc/error.ts";

// Lines of the PMI-1 wire protocol (RFC 13): `key=value` tuples, ended by a newline.

/** The tuples of a line. */
export type PmiFields = ReadonlyMap<string, string>;

/** Keys whose value is a `string` of RFC 13: it has blanks and goes on to the end of the line. */
const textKeys = new Set(["value", "msg", "error_msg"]);
/** What Hydra of MPICH 4.1 and 4.2 appends to values by mistake. */
const hydraQuirk = " found=TRUE";

/**
 * The tuples of a line, in whatever order and with whatever keys (RFC 13 asks parsers to be generous).
 * Words without `=` are ignored.
 */
export function parsePmiLine(line: string): PmiFields {
  const fields = new Map<string, string>();
  const end = line.endsWith("\n") ? line.length - 1 : line.length;
  let at = 0;
  while (at < end) {
    if (isBlank(line[at]!)) {
      at++;
      continue;
    }
    const wordEnd = endOfWord(line, at, end);
    const equals = line.indexOf("=", at);
    if (equals < 0 || equals >= wordEnd) {
      at = wordEnd;
      continue;
    }
    const key = line.slice(at, equals);
    const valueEnd = textKeys.has(key) ? end : wordEnd;
    if (!fields.has(key)) fields.set(key, fieldText(key, line.slice(equals + 1, valueEnd)));
    at = valueEnd;
  }
  return fields;
}

function fieldText(key: string, text: string): string {
  return key === "value" && text.endsWith(hydraQuirk) ? text.slice(0, -hydraQuirk.length) : text;
}

function isBlank(char: string): boolean {
  return char === " " || char === "\t" || char === "\r";
}

function endOfWord(line: string, from: number, end: number): number {
  let at = from;
  while (at < end && !isBlank(line[at]!)) at++;
  return at;
}

/** A line from its tuples, in order. */
export function printPmiLine(fields: Readonly<Record<string, string | number>>): string {
  const words = Object.entries(fields).map(([key, value]) => `${key}=${value}`);
  return `${words.join(" ")}\n`;
}

/** An integer field. EPROTO if it is missing or something else. */
export function pmiInteger(fields: PmiFields, key: string): number {
  const text = fields.get(key);
  if (text === undefined || !/^[-+]?\d+$/.test(text)) {
    throw new FluxError("EPROTO", `PMI: ${key} must be an integer, not ${text ?? "missing"}`);
  }
  return Number(text);
}

/** A field of text. EPROTO if it is missing. */
export function pmiText(fields: PmiFields, key: string): string {
  const text = fields.get(key);
  if (text === undefined) throw new FluxError("EPROTO", `PMI: ${key} is missing`);
  return text;
}
