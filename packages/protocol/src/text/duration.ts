/** Flux Standard Duration (RFC 23): `30`, `1.5h`, `100ms`, `infinity`. */
import { FluxError } from "../rpc/error.ts";
import { formatF, formatG } from "./printf.ts";

/** Units of RFC 23, in seconds. */
const secondsPer = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400 } as const;
export type DurationUnit = keyof typeof secondsPer;

/** strtod's forms without a sign: decimal or hexadecimal, each with an optional exponent. */
const decimal = /^\+?((?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?)(ms|[smhd])?$/i;
const hexadecimal = /^\+?0x([0-9a-f]+\.?[0-9a-f]*|\.[0-9a-f]+)(?:p([-+]?[0-9]+))?(ms|[smhd])?$/i;
const infinite = /^\+?inf(?:inity)?$/i;

/**
 * Seconds of a duration, Infinity included. A number without a unit is in `bareUnit`: seconds in
 * RFC 23, minutes for the time limit option of the submission commands.
 * @throws FluxError EINVAL
 */
export function parseDuration(text: string, bareUnit: DurationUnit = "s"): number {
  const body = text.trimStart();
  if (infinite.test(body)) return Infinity;
  const hex = hexadecimal.exec(body);
  const match = hex ?? decimal.exec(body);
  const number = hex ? hexValue(hex[1]!, hex[2]) : Number(match?.[1]);
  const suffix = hex ? hex[3] : match?.[2];
  const unit = suffix ?? bareUnit;
  const unitOfInfinity = number === Infinity && suffix !== undefined;
  if (!match || unitOfInfinity || !isUnit(unit)) {
    throw new FluxError("EINVAL", "invalid Flux standard duration");
  }
  return number * secondsPer[unit];
}

/**
 * As flux-core's C programs print a duration: in the largest unit that leaves a whole part, with
 * `precision` significant digits; `infinity`.
 * @throws FluxError EINVAL for negative seconds and NaN
 */
export function formatDuration(seconds: number, precision = 6): string {
  check(seconds);
  if (seconds === Infinity) return "infinity";
  if (seconds !== 0 && seconds < 0.1) return `${formatG(seconds * 1000, precision)}ms`;
  return inUnit(seconds, precision);
}

/** As flux-core's Python programs print a duration in tables: at most four digits; `inf`. */
export function formatDurationShort(seconds: number): string {
  check(seconds);
  if (seconds === Infinity) return "inf";
  if (seconds < 0.001) return "0s";
  if (seconds < 10) return `${formatF(seconds, 3)}s`;
  return inUnit(seconds, 4);
}

function inUnit(seconds: number, precision: number): string {
  const unit = seconds < 60 ? "s" : seconds < 3600 ? "m" : seconds < 86400 ? "h" : "d";
  return `${formatG(seconds / secondsPer[unit], precision)}${unit}`;
}

function isUnit(unit: string): unit is DurationUnit {
  return Object.hasOwn(secondsPer, unit);
}

function check(seconds: number): void {
  if (seconds >= 0) return;
  throw new FluxError("EINVAL", `${seconds} is no duration: it must be 0 or more seconds`);
}

function hexValue(digits: string, exponent = "0"): number {
  const [whole = "", fraction = ""] = digits.split(".");
  const value = Number(`0x0${whole}${fraction}`);
  return value * 2 ** (Number(exponent) - 4 * fraction.length);
}
