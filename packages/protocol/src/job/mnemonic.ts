/**
 * The mnemonic encoding of 64-bit numbers (RFC 19): six words that can be said over the phone.
 * Each half, the low one first, is three digits in base 1626, least significant first.
 */
import { mnemonicWords } from "./mnemonic-words.ts";

const BASE = mnemonicWords.length;
const valueByWord: ReadonlyMap<string, number> = new Map(mnemonicWords.map((word, i) => [word, i]));

/** Such as `almanac-gallop-profile--alex-academy-academy`, of a number below 2^64. */
export function encodeMnemonic(value: bigint): string {
  const low = Number(value & 0xffff_ffffn);
  const high = Number(value >> 32n);
  return `${encodeHalf(low)}--${encodeHalf(high)}`;
}

/** The number six words stand for, whatever separates them; undefined if they stand for none. */
export function decodeMnemonic(text: string): bigint | undefined {
  const words = text.toLowerCase().split(/[^a-z]+/);
  if (words.length !== 6) return undefined;
  const low = decodeHalf(words.slice(0, 3));
  const high = decodeHalf(words.slice(3));
  if (low === undefined || high === undefined) return undefined;
  return (BigInt(high) << 32n) | BigInt(low);
}

function encodeHalf(half: number): string {
  const digits = [half % BASE, Math.floor(half / BASE) % BASE, Math.floor(half / BASE ** 2)];
  return digits.map((digit) => mnemonicWords[digit]).join("-");
}

function decodeHalf(words: readonly string[]): number | undefined {
  const [first, second, third] = words.map((word) => valueByWord.get(word));
  if (first === undefined || second === undefined || third === undefined) return undefined;
  const half = first + second * BASE + third * BASE ** 2;
  return half < 2 ** 32 ? half : undefined; // three words reach a little further than 32 bits
}
