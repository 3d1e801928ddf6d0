import { FluxError } from "@flux-ts/protocol/rpc/error";

const operators: readonly [string, (a: number, b: number) => boolean][] = [
  [">=", (a, b) => a >= b],
  ["<=", (a, b) => a <= b],
  [">", (a, b) => a > b],
  ["<", (a, b) => a < b],
];

/**
 * The test of a timestamp that `[">=1700000000.5"]` says: the first value counts (RFC 43). EINVAL.
 */
export function timeTest(name: string, [value]: readonly unknown[]): (time: number) => boolean {
  if (value === undefined) throw invalid("timestamp value not specified");
  if (typeof value !== "string") throw invalid(`${name} value must be a string`);
  const found = operators.find(([sign]) => value.startsWith(sign));
  if (!found) throw invalid("timestamp comparison operator not specified");
  const [sign, compare] = found;
  const bound = parseSeconds(value.slice(sign.length));
  return (time) => compare(time, bound);
}

/** A number as strtod(3) reads it: blanks before it do not matter, and nothing is 0. */
function parseSeconds(text: string): number {
  const isNumber = /^\s*([-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?|0x[\da-f]+)?$/i.test(text);
  const seconds = Number(text);
  if (!isNumber || !Number.isFinite(seconds)) throw invalid("Invalid timestamp value specified");
  if (seconds < 0) throw invalid("timestamp value must be >= 0.0");
  return seconds;
}

function invalid(text: string): FluxError {
  return new FluxError("EINVAL", text);
}
