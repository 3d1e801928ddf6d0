/**
 * The pieces of a hostlist (RFC 29): one name, or consecutive names `prefix` + number. A number is
 * printed with at least `width` digits, so `node[08-11]` has width 2.
 */
import { FluxError } from "../rpc/error.ts";

export interface HostRange {
  readonly prefix: string;
  /** First and last number; undefined for a name that does not end in digits. */
  readonly numbers?: { readonly low: number; readonly high: number; readonly width: number };
}

/** Most hosts that one `[low-high]` may stand for, as in flux-core. */
export const MAX_RANGE = 2 ** 20;
/** Digits a number can have and stay exact; what stands before them counts as prefix. */
const MAX_DIGITS = 15;

/** The range of this one host. */
export function singleHost(name: string): HostRange {
  let start = name.length;
  while (start > 0 && name.length - start < MAX_DIGITS && isDigit(name, start - 1)) start--;
  if (start === name.length) return { prefix: name };
  const number = Number(name.slice(start));
  const numbers = { low: number, high: number, width: name.length - start };
  return { prefix: name.slice(0, start), numbers };
}

/** Reads one element of an id list, `low` or `low-high`. Throws EINVAL. */
export function parseNumbers(prefix: string, text: string): Required<HostRange> {
  const match = /^([0-9]{1,15})(?:-([0-9]{1,15}))?$/.exec(text);
  const low = Number(match?.[1]);
  const high = match?.[2] === undefined ? low : Number(match[2]);
  if (!match || low > high || high - low >= MAX_RANGE) {
    throw new FluxError("EINVAL", `invalid range '${text}' in hostlist`);
  }
  return { prefix, numbers: { low, high, width: match[1]!.length } };
}

export function countHosts({ numbers }: HostRange): number {
  return numbers ? numbers.high - numbers.low + 1 : 1;
}

/** The name at this place of the range. */
export function hostAt({ prefix, numbers }: HostRange, index: number): string {
  return numbers ? prefix + pad(numbers.low + index, numbers.width) : prefix;
}

/** The place of a name in the range; undefined when it is not there. */
export function findHost({ prefix, numbers }: HostRange, name: string): number | undefined {
  if (!numbers) return name === prefix ? 0 : undefined;
  if (!name.startsWith(prefix)) return undefined;
  const digits = name.slice(prefix.length);
  if (!/^[0-9]{1,15}$/.test(digits)) return undefined;
  const number = Number(digits);
  const listed = number >= numbers.low && number <= numbers.high;
  return listed && pad(number, numbers.width) === digits ? number - numbers.low : undefined;
}

/** `08-11`: what stands for the range inside brackets; empty for a name without a number. */
export function formatNumbers({ numbers }: HostRange): string {
  if (!numbers) return "";
  const low = pad(numbers.low, numbers.width);
  return numbers.low === numbers.high ? low : `${low}-${pad(numbers.high, numbers.width)}`;
}

/** The range without the host at this place: none, one or two ranges. */
export function withoutHost(range: HostRange, index: number): HostRange[] {
  const { prefix, numbers } = range;
  if (!numbers) return [];
  const { low, high, width } = numbers;
  const rest: HostRange[] = [];
  if (index > 0) rest.push({ prefix, numbers: { low, high: low + index - 1, width } });
  if (low + index < high) rest.push({ prefix, numbers: { low: low + index + 1, high, width } });
  return rest;
}

/** The width that suits both, so that they can be one range; undefined when there is none. */
export function commonWidth(a: HostRange, b: HostRange): number | undefined {
  if (!a.numbers || !b.numbers || a.prefix !== b.prefix) return undefined;
  const [one, two] = [a.numbers, b.numbers];
  if (pad(two.low, one.width) === pad(two.low, two.width)) return one.width;
  if (pad(one.low, two.width) === pad(one.low, one.width)) return two.width;
  return undefined;
}

/**
 * The same hosts in ranges that can be compared with each other: numbers of one length, and where
 * prefixes are ambiguous (`foo1[0-3]` next to `foo[10-12]`) all digits at the end in the number.
 */
export function canonical(ranges: readonly HostRange[]): HostRange[] {
  const prefixes = new Set(ranges.map((range) => range.prefix));
  const ambiguous = [...prefixes].some((prefix) => hasShorter(prefix, prefixes));
  const parts = ranges.flatMap(splitByLength);
  return ambiguous ? parts.map(withShortestPrefix) : parts;
}

function hasShorter(prefix: string, prefixes: ReadonlySet<string>): boolean {
  for (let end = prefix.length; end > 0 && isDigit(prefix, end - 1); end--) {
    if (prefixes.has(prefix.slice(0, end - 1))) return true;
  }
  return false;
}

/** `foo[8-12]` is `foo[8-9]` and `foo[10-12]`. */
function splitByLength(range: HostRange): HostRange[] {
  if (!range.numbers) return [range];
  const { high, width } = range.numbers;
  const parts: HostRange[] = [];
  for (let low = range.numbers.low; low <= high; ) {
    const length = pad(low, width).length;
    const last = Math.min(high, 10 ** length - 1);
    parts.push({ prefix: range.prefix, numbers: { low, high: last, width: length } });
    low = last + 1;
  }
  return parts;
}

/** `foo1[0-3]` is `foo[10-13]`. */
function withShortestPrefix(range: HostRange): HostRange {
  const { prefix, numbers } = singleHost(hostAt(range, 0));
  if (!numbers) return range;
  return { prefix, numbers: { ...numbers, high: numbers.low + countHosts(range) - 1 } };
}

/** Order of canonical ranges: by prefix, a bare name first, then by digits and number. */
export function compareRanges(a: HostRange, b: HostRange): number {
  if (a.prefix !== b.prefix) return a.prefix < b.prefix ? -1 : 1;
  if (!a.numbers || !b.numbers) return Number(!b.numbers) - Number(!a.numbers);
  return a.numbers.width - b.numbers.width || a.numbers.low - b.numbers.low;
}

/** True when the second of two canonical ranges in order starts within the first. */
export function overlaps(a: HostRange, b: HostRange): boolean {
  if (a.prefix !== b.prefix || a.numbers?.width !== b.numbers?.width) return false;
  return !a.numbers || !b.numbers || b.numbers.low <= a.numbers.high;
}

function pad(number: number, width: number): string {
  return String(number).padStart(width, "0");
}

function isDigit(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code >= 48 && code <= 57;
}
