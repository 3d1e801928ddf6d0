import { FluxError } from "../rpc/error.ts";

/**
 * RFC 4648 base64 (standard alphabet), for KVS values, signed jobspecs and task output. The
 * runtime's own helpers are not used: `Buffer` exists in Node only, `atob` copies through one
 * string a byte.
 */

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const encoder = new TextEncoder();
const ascii = new TextDecoder();
const codeOf = encoder.encode(alphabet);
const padding = 0x3d;
const invalid = 255;
const sextetOf = new Uint8Array(256).fill(invalid);
for (let i = 0; i < 64; i++) sextetOf[codeOf[i]!] = i;

/** Base64 text of bytes, padded. */
export function encodeBase64(bytes: Uint8Array): string {
  const { length } = bytes;
  const text = new Uint8Array(Math.ceil(length / 3) * 4);
  let at = 0;
  let i = 0;
  for (; i + 2 < length; i += 3) {
    const bits = (bytes[i]! << 16) | (bytes[i + 1]! << 8) | bytes[i + 2]!;
    text[at++] = codeOf[bits >> 18]!;
    text[at++] = codeOf[(bits >> 12) & 63]!;
    text[at++] = codeOf[(bits >> 6) & 63]!;
    text[at++] = codeOf[bits & 63]!;
  }
  if (i < length) {
    const second = i + 1 < length ? bytes[i + 1]! : 0;
    const bits = (bytes[i]! << 16) | (second << 8);
    text[at++] = codeOf[bits >> 18]!;
    text[at++] = codeOf[(bits >> 12) & 63]!;
    text[at++] = i + 1 < length ? codeOf[(bits >> 6) & 63]! : padding;
    text[at++] = padding;
  }
  return ascii.decode(text);
}

/**
 * Bytes of base64 text. Missing padding is accepted, as flux-core does; any other character outside
 * the alphabet is EINVAL.
 */
export function decodeBase64(text: string): Uint8Array {
  let { length } = text;
  for (let pad = 0; pad < 2 && text.charCodeAt(length - 1) === padding; pad++) length--;
  const rest = length % 4;
  const padded = length !== text.length;
  if (rest === 1 || (padded && text.length % 4 !== 0)) throw notBase64();
  // Characters beyond ASCII take several bytes, none of which is in the alphabet.
  const codes = encoder.encode(text);
  if (codes.length !== text.length) throw notBase64();
  const bytes = new Uint8Array((length >> 2) * 3 + (rest ? rest - 1 : 0));
  let at = 0;
  let seen = 0;
  const whole = length - rest;
  for (let i = 0; i < whole; i += 4) {
    const a = sextetOf[codes[i]!]!;
    const b = sextetOf[codes[i + 1]!]!;
    const c = sextetOf[codes[i + 2]!]!;
    const d = sextetOf[codes[i + 3]!]!;
    seen |= a | b | c | d;
    const bits = (a << 18) | (b << 12) | (c << 6) | d;
    bytes[at++] = bits >> 16;
    bytes[at++] = bits >> 8;
    bytes[at++] = bits;
  }
  if (rest) {
    const a = sextetOf[codes[whole]!]!;
    const b = sextetOf[codes[whole + 1]!]!;
    const c = rest === 3 ? sextetOf[codes[whole + 2]!]! : 0;
    seen |= a | b | c;
    bytes[at++] = (a << 2) | (b >> 4);
    if (rest === 3) bytes[at++] = (b << 4) | (c >> 2);
  }
  if (seen > 63) throw notBase64();
  return bytes;
}

function notBase64(): FluxError {
  return new FluxError("EINVAL", "text is not base64");
}
