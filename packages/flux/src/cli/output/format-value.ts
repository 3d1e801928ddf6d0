import { formatF, formatG } from "@flux-ts/protocol/text/printf";
import { CommandError } from "../usage-error.ts";

/** A number that is a real even if it has no fraction: printed as `1.0`. */
export class Real {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A time that is formatted by strftime; 0 is "not set". */
export class Moment {
  /** Since the epoch. */
  readonly seconds: number;

  constructor(seconds: number) {
    this.seconds = seconds;
  }
}

/** A number that reads as text, such as a job id: a specification formats the number. */
export class NamedNumber {
  readonly value: bigint;
  readonly text: string;

  constructor(value: bigint, text: string) {
    this.value = value;
    this.text = text;
  }
}

/** What a field of an output format can be. */
export type FieldValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | Real
  | Moment
  | NamedNumber;

/** The text of a value as Python's `str` makes it. */
export function textOf(value: FieldValue): string {
  if (value instanceof Real) return realText(value.value);
  if (value instanceof Moment) return String(value.seconds);
  if (value instanceof NamedNumber) return value.text;
  switch (value) {
    case true:
      return "True";
    case false:
      return "False";
    case null:
    case undefined:
      return "None";
    default:
      return typeof value === "number" && !Number.isInteger(value)
        ? realText(value)
        : String(value);
  }
}

/** Python's shortest text of a float. */
export function realText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  if (exponent < -4 || exponent >= 16) {
    const [mantissa, power = ""] = value.toExponential().split("e");
    const digits = power.slice(1).padStart(2, "0");
    return `${mantissa}e${power[0]}${digits}`;
  }
  const text = String(value);
  return text.includes("e") ? value.toFixed(20).replace(/0+$/, "") : addPoint(text);
}

const addPoint = (text: string): string => (/[.n]/.test(text) ? text : `${text}.0`);

/** Python's format specification, in its parts. */
export interface FormatSpec {
  fill: string;
  align: string;
  sign: string;
  alternate: boolean;
  zeroPad: boolean;
  width: number;
  grouping: string;
  precision: number | undefined;
  type: string;
  /** `h`: "-" for a value that says nothing. */
  hyphen: boolean;
  /** `+`: mark text that was cut. */
  markCut: boolean;
}

const specPattern =
  /^(?:(.)?([<>=^]))?([- +])?z?(#)?(0)?(\d+)?([_,])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?(h)?(\+)?$/su;

/** The parts of a specification, or undefined if it is none. */
export function parseSpec(spec: string): FormatSpec | undefined {
  const match = specPattern.exec(spec);
  if (!match) return undefined;
  const [, fill, align, sign, alternate, zero, width, grouping, precision, type, hyphen, cut] =
    match;
  return {
    fill: fill ?? "",
    align: align ?? "",
    sign: sign ?? "",
    alternate: alternate !== undefined,
    zeroPad: zero !== undefined,
    width: Number(width ?? 0),
    grouping: grouping ?? "",
    precision: precision === undefined ? undefined : Number(precision),
    type: type ?? "",
    hyphen: hyphen !== undefined,
    markCut: cut !== undefined,
  };
}

/** A value in the shape that a specification asks for. Throws CommandError as Python words it. */
export function applySpec(given: FieldValue, spec: FormatSpec): string {
  const value = given instanceof NamedNumber ? given.value : given;
  const isNumber =
    value instanceof Real ||
    typeof value === "number" ||
    typeof value === "bigint" ||
    typeof value === "boolean";
  return isNumber && spec.type !== "s" ? formatNumber(value, spec) : formatText(value, spec);
}

function formatText(value: FieldValue, spec: FormatSpec): string {
  if (spec.type !== "" && spec.type !== "s") {
    throw new CommandError(`Unknown format code '${spec.type}' for object of type 'str'`);
  }
  const text = textOf(value);
  const cut =
    spec.precision === undefined ? text : Array.from(text).slice(0, spec.precision).join("");
  return pad(cut, spec, "<");
}

function formatNumber(value: Real | number | bigint | boolean, spec: FormatSpec): string {
  const isReal = value instanceof Real || (typeof value === "number" && !Number.isInteger(value));
  const number = value instanceof Real ? value.value : value;
  const negative = Number(number) < 0 || Object.is(number, -0);
  const size = typeof number === "bigint" ? (negative ? -number : number) : Math.abs(+number);
  const digits = digitsOf(size, isReal, spec);
  const sign = negative ? "-" : spec.sign === "+" || spec.sign === " " ? spec.sign : "";
  const grouped = spec.grouping ? group(digits, spec.grouping) : digits;
  if (spec.zeroPad && spec.align === "") {
    return sign + grouped.padStart(Math.max(0, spec.width - sign.length), "0");
  }
  if (spec.align === "=") {
    const fill = spec.fill || " ";
    return sign + grouped.padStart(Math.max(0, spec.width - sign.length), fill);
  }
  return pad(sign + grouped, spec, ">");
}

function digitsOf(size: number | bigint, isReal: boolean, spec: FormatSpec): string {
  const { type, precision, alternate } = spec;
  const whole = typeof size === "bigint" ? size : undefined;
  const real = Number(size);
  switch (type) {
    case "":
      if (!isReal) return precision === undefined ? String(size) : formatG(real, precision || 1);
      return precision === undefined ? realText(real) : addPoint(formatG(real, precision || 1));
    case "f":
    case "F":
      return formatF(real, precision ?? 6);
    case "e":
    case "E": {
      const [mantissa, power = "+0"] = real.toExponential(precision ?? 6).split("e");
      const text = `${mantissa}e${power[0]}${power.slice(1).padStart(2, "0")}`;
      return type === "E" ? text.toUpperCase() : text;
    }
    case "g":
    case "n":
      if (type === "n" && !isReal) return String(size);
      return formatG(real, precision === undefined ? 6 : precision || 1);
    case "G":
      return formatG(real, precision === undefined ? 6 : precision || 1).toUpperCase();
    case "%":
      return `${formatF(real * 100, precision ?? 6)}%`;
    default:
      if (isReal)
        throw new CommandError(`Unknown format code '${type}' for object of type 'float'`);
      return integerDigits(whole ?? BigInt(real), type, alternate);
  }
}

function integerDigits(size: bigint, type: string, alternate: boolean): string {
  switch (type) {
    case "d":
      return size.toString();
    case "b":
      return (alternate ? "0b" : "") + size.toString(2);
    case "o":
      return (alternate ? "0o" : "") + size.toString(8);
    case "x":
      return (alternate ? "0x" : "") + size.toString(16);
    case "X":
      return (alternate ? "0X" : "") + size.toString(16).toUpperCase();
    case "c":
      return String.fromCodePoint(Number(size));
    default:
      throw new CommandError(`Unknown format code '${type}' for object of type 'int'`);
  }
}

function group(digits: string, separator: string): string {
  const [whole = "", ...fraction] = digits.split(".");
  return [whole.replace(/\B(?=(\d{3})+$)/g, separator), ...fraction].join(".");
}

function pad(text: string, { fill, align, width }: FormatSpec, usual: string): string {
  const missing = width - lengthOf(text);
  if (missing <= 0) return text;
  const blank = fill || " ";
  switch (align || usual) {
    case ">":
      return blank.repeat(missing) + text;
    case "^": {
      const left = Math.floor(missing / 2);
      return blank.repeat(left) + text + blank.repeat(missing - left);
    }
    default:
      return text + blank.repeat(missing);
  }
}

/** Number of characters as Python counts them: code points. */
export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}
