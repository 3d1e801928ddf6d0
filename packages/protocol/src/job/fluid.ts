/**
 * FLUIDs (RFC 19), which are the job ids: 64 bits of `[timestamp:40 | generator:14 | sequence:10]`,
 * so that any broker can hand them out and they still sort by time of submission.
 */
import { FluxError } from "../rpc/error.ts";
import { emojiAlphabet } from "./emoji-alphabet.ts";
import { decodeMnemonic, encodeMnemonic } from "./mnemonic.ts";

/** A job id. It exceeds 2^53 a few days into an instance's life, hence a bigint. */
export type JobId = bigint & { readonly __brand: "JobId" };

/** The text forms of a job id, by the names that `flux job id --to` has for them. */
export const jobIdForms = [
  "dec",
  "kvs",
  "hex",
  "dothex",
  "words",
  "f58",
  "f58plain",
  "emoji",
] as const;
export type JobIdForm = (typeof jobIdForms)[number];

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const base58 = positional(Array.from(BASE58));
const emoji = positional(emojiAlphabet);

/** Checks that a number is a job id. Throws EINVAL when it is not a 64-bit unsigned integer. */
export function toJobId(value: bigint | number): JobId {
  const whole = typeof value === "bigint" || Number.isSafeInteger(value);
  const id = whole ? BigInt(value) : -1n;
  if (id < 0n || id >= 1n << 64n) throw new FluxError("EINVAL", `${value} is no job id`);
  return id as JobId;
}

/** Reads a job id in any form, with blanks around it. Throws EINVAL. */
export function parseJobId(text: string): JobId {
  const value = decode(text.trim());
  if (value === undefined || value >= 1n << 64n) {
    throw new FluxError("EINVAL", `error parsing jobid: "${text}"`);
  }
  return value as JobId;
}

/** The id in this form. `f58` has the prefix `ƒ`; where only ASCII can be shown, use `f58plain`. */
export function formatJobId(id: JobId, form: JobIdForm): string {
  switch (form) {
    case "dec":
      return id.toString();
    case "kvs":
      return `job.${dothex(id)}`;
    case "hex":
      return `0x${id.toString(16)}`;
    case "dothex":
      return dothex(id);
    case "words":
      return encodeMnemonic(id);
    case "f58":
      return f58(id);
    case "f58plain":
      return `f${base58.encode(id)}`;
    case "emoji":
      return emoji.encode(id);
  }
}

/** The usual form of a job id, such as `ƒuZZybuNNy`. */
export function f58(id: JobId): string {
  return `ƒ${base58.encode(id)}`;
}

/** Milliseconds since the epoch of the instance at which the id was given. */
export function fluidTimestamp(id: JobId): number {
  return Number(id >> 24n);
}

/** Rules of RFC 19, Decoding Alternate FLUID Representations; the `job.` of kvs paths is dropped. */
function decode(text: string): bigint | undefined {
  const body = text.startsWith("job.") ? text.slice(4) : text;
  if (body.includes(".")) return decodeDothex(body);
  if (body.includes("-")) return decodeMnemonic(body);
  if (/^[ƒf]/.test(body)) return base58.decode(body.slice(1));
  if (/^[\ud83c-\ud83f]/.test(body)) return emoji.decode(body); // UTF-8 F0 9F
  return /^(?:0x[0-9a-fA-F]+|[0-9]+)$/.test(body) ? BigInt(body) : undefined;
}

function dothex(id: JobId): string {
  const digits = id.toString(16).padStart(16, "0");
  return digits.replace(/....(?=.)/g, "$&.");
}

function decodeDothex(text: string): bigint | undefined {
  const groups = text.split(".");
  const valid = groups.length === 4 && groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group));
  return valid ? BigInt(`0x${groups.map((group) => group.padStart(4, "0")).join("")}`) : undefined;
}

/** Numbers written with these digits, most significant first. */
function positional(digits: readonly string[]): {
  encode(value: bigint): string;
  decode(text: string): bigint | undefined;
} {
  const base = BigInt(digits.length);
  const valueByDigit = new Map(digits.map((digit, value) => [digit, BigInt(value)]));
  return {
    encode(value) {
      let text = "";
      let rest = value;
      do {
        text = digits[Number(rest % base)] + text;
        rest /= base;
      } while (rest > 0n);
      return text;
    },
    decode(text) {
      // 12 digits hold any 64-bit number in base 58; more would only be leading zeros.
      const given = text.length <= 24 ? Array.from(text) : [];
      if (given.length === 0 || given.length > 12) return undefined;
      let value = 0n;
      for (const digit of given) {
        const digitValue = valueByDigit.get(digit);
        if (digitValue === undefined) return undefined;
        value = value * base + digitValue;
      }
      return value;
    },
  };
}
