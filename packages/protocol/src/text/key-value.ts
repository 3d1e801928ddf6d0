import { FluxError } from "../rpc/error.ts";
import { textOf } from "./utf8.ts";

/**
 * Flux Security Key Value Encoding (RFC 38): `key NUL type value NUL ...`, the header of a signed
 * request. Types are never converted: an integer may not be read as anything else.
 */
export type KeyValue =
  | { readonly type: "s"; readonly value: string }
  | { readonly type: "i"; readonly value: bigint }
  | { readonly type: "d"; readonly value: number }
  | { readonly type: "b"; readonly value: boolean }
  /** Timestamp, in whole seconds since the epoch. */
  | { readonly type: "t"; readonly value: number };

/** More than any header needs (RFC 38 asks for a limit). */
const maxSizeBytes = 65536;
const int64Limit = 2n ** 63n;

const refuse = (text: string): FluxError => new FluxError("EINVAL", `key-value encoding: ${text}`);

/** Bytes of pairs, in their order. EINVAL for what the encoding cannot say. */
export function encodeKeyValues(pairs: Iterable<readonly [string, KeyValue]>): Uint8Array {
  let text = "";
  for (const [key, entry] of pairs) {
    if (key === "") throw refuse("a key is empty");
    const value = valueText(key, entry);
    if (key.includes("\0") || value.includes("\0")) throw refuse(`${key} contains NUL`);
    text += `${key}\0${entry.type}${value}\0`;
  }
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > maxSizeBytes) throw refuse(`larger than ${maxSizeBytes} bytes`);
  return bytes;
}

function valueText(key: string, entry: KeyValue): string {
  switch (entry.type) {
    case "s":
      return entry.value;
    case "i":
      if (entry.value < -int64Limit || entry.value >= int64Limit) {
        throw refuse(`${key} is not a 64-bit integer`);
      }
      return entry.value.toString();
    case "d":
      return doubleText(entry.value);
    case "b":
      return String(entry.value);
    case "t":
      if (!Number.isSafeInteger(entry.value)) throw refuse(`${key} is not a whole second`);
      return new Date(entry.value * 1000).toISOString().replace(".000Z", "Z");
  }
}

/** printf's `%.6f`. */
function doubleText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  // From 1e21 on toFixed prints an exponent; such doubles are integers, which BigInt prints
  // exactly.
  return Math.abs(value) >= 1e21 ? `${BigInt(value)}.000000` : value.toFixed(6);
}

/**
 * The pairs in bytes; a later pair replaces an earlier one of the same key. EINVAL if malformed.
 */
export function decodeKeyValues(bytes: Uint8Array): Map<string, KeyValue> {
  if (bytes.length > maxSizeBytes) throw refuse(`larger than ${maxSizeBytes} bytes`);
  const text = textOf(bytes);
  if (text === undefined) throw refuse("not UTF-8");
  const pairs = new Map<string, KeyValue>();
  if (text === "") return pairs;
  const fields = text.split("\0");
  if (fields.pop() !== "") throw refuse("no NUL at its end");
  if (fields.length % 2) throw refuse("a key has no value");
  for (let i = 0; i < fields.length; i += 2) {
    const key = fields[i]!;
    if (key === "") throw refuse("a key is empty");
    pairs.set(key, parseValue(key, fields[i + 1]!));
  }
  return pairs;
}

function parseValue(key: string, field: string): KeyValue {
  const type = field.charAt(0);
  const text = field.slice(1);
  if (type === "s") return { type, value: text };
  if (type === "i" && /^-?\d{1,19}$/.test(text)) {
    const value = BigInt(text);
    if (value >= -int64Limit && value < int64Limit) return { type, value };
  }
  if (type === "d") {
    if (/^-?\d+\.\d{6}$/.test(text)) return { type, value: Number(text) };
    if (/^-?inf$/.test(text)) return { type, value: text === "inf" ? Infinity : -Infinity };
    if (/^-?nan$/.test(text)) return { type, value: Number.NaN };
  }
  if (type === "b" && (text === "true" || text === "false"))
    return { type, value: text === "true" };
  if (type === "t" && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(text)) {
    const seconds = Date.parse(text) / 1000;
    if (!Number.isNaN(seconds)) return { type, value: seconds };
  }
  throw refuse(`the value of ${key} is malformed`);
}
