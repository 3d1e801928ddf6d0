import { formatDurationShort } from "@flux-ts/protocol/text/duration";
import { formatF, formatG } from "@flux-ts/protocol/text/printf";
import { CommandError } from "../usage-error.ts";
import type { Segment } from "./format-string.ts";
import {
  applySpec,
  type FieldValue,
  type FormatSpec,
  lengthOf,
  Moment,
  parseSpec,
  Real,
  textOf,
} from "./format-value.ts";
import { strftime } from "./strftime.ts";
import { dateTime } from "./time.ts";

/** Gives the value of a field of one line. */
export type FieldOf<Item> = (item: Item, field: string) => FieldValue;

/** A field of an output format and the text before it. */
export interface Column extends Segment {
  /** `?:` leave the column out if it says nothing on any line. */
  readonly isOptional: boolean;
  /** `+:` as wide as its longest value. */
  readonly grows: boolean;
}

const marks = /(\?\+:|\?:|\+:)$/;

export function columnOf(segment: Segment): Column {
  const mark = segment.field === "" ? "" : (marks.exec(segment.text)?.[1] ?? "");
  return {
    ...segment,
    text: segment.text.slice(0, segment.text.length - mark.length),
    isOptional: mark.startsWith("?"),
    grows: mark.includes("+"),
  };
}

/** What makes an optional column superfluous, and what `h` prints as "-". */
export function isNothing(text: string): boolean {
  switch (text) {
    case "":
    case "0s":
    case "0.0":
    case "0:00:00":
    case "1970-01-01T00:00:00":
      return true;
    default:
      return text === dateTime(0);
  }
}

/** A line: the columns with the values of an item. */
export function lineOf<Item>(
  columns: readonly Column[],
  item: Item,
  fieldOf: FieldOf<Item>,
): string {
  let line = "";
  for (const { text, field, conversion, spec } of columns) {
    line += text;
    if (field !== "") line += formatField(convert(fieldOf(item, field), conversion), spec);
  }
  return line;
}

/** Flux's conversions; an empty text stays one, for values that are not known yet. */
export function convert(value: FieldValue, conversion: string): FieldValue {
  switch (conversion) {
    case "":
      return value;
    case "d":
      return new Moment(value === "" ? 0 : numberOf(value));
    case "D":
      return value === "" || numberOf(value) === 0 ? "" : dateTime(numberOf(value));
    case "F":
      return value === "" ? "" : formatDurationShort(Math.max(0, numberOf(value)));
    case "H":
      return value === "" ? "" : clockDuration(numberOf(value));
    case "P":
      return value === "" ? "" : percent(numberOf(value) * 100);
    case "s":
    case "a":
      return textOf(value);
    case "r":
      return typeof value === "string" ? `'${value}'` : textOf(value);
    default:
      throw new CommandError(`Unknown conversion specifier ${conversion}`);
  }
}

function numberOf(value: FieldValue): number {
  if (value instanceof Real) return value.value;
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") {
    return Number(value);
  }
  throw new CommandError(`'${textOf(value)}' is not a number`);
}

/** `H:MM:SS`, with days before it; what is above 0 is at least a second. */
function clockDuration(given: number): string {
  const seconds = given > 0 && given < 1 ? 1 : Math.round(given);
  const days = Math.floor(seconds / 86_400);
  const rest = seconds - days * 86_400;
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const clock = `${Math.floor(rest / 3600)}:${two((rest % 3600) / 60)}:${two(rest % 60)}`;
  if (days === 0) return clock;
  return `${days} day${Math.abs(days) === 1 ? "" : "s"}, ${clock}`;
}

function percent(value: number): string {
  return `${value > 0 && value < 1 ? formatF(value, 2) : formatG(value, 3)}%`;
}

/** A converted value in the shape of a specification. */
export function formatField(value: FieldValue, given: string): string {
  if (value instanceof Moment) return formatMoment(value, given);
  const spec = given === "" ? plainSpec : parseSpec(given);
  if (!spec) throw new CommandError(`Invalid format specifier '${given}'`);
  if (given === "") return textOf(value);
  const text = textOf(value);
  const shaped = spec.hyphen
    ? applySpec(isNothing(text) ? "-" : text, { ...spec, type: "s" })
    : applySpec(value, spec);
  if (!spec.markCut || lengthOf(shaped) >= lengthOf(text)) return shaped;
  return `${Array.from(shaped).slice(0, -1).join("")}+`;
}

const plainSpec = parseSpec("") as FormatSpec;

/** `STRFTIME[::SPEC]`. */
function formatMoment({ seconds }: Moment, given: string): string {
  const split = given.indexOf("::");
  const format = (split < 0 ? given : given.slice(0, split)) || "%FT%T";
  const specText = split < 0 ? "" : given.slice(split + 2);
  const text = seconds === 0 ? "" : strftime(format.replace(/\+$/, ""), seconds);
  return specText === "" ? text : formatField(text, specText);
}

/** The part of a specification that lays out text: for times, what follows `::`. */
export function layoutOf(spec: string): string {
  const split = spec.indexOf("::");
  return split < 0 ? spec : spec.slice(split + 2);
}

/** A specification with at least this width, and a precision that does not cut below it. */
export function widened(given: string, least: number): string {
  const prefix = given.slice(0, given.length - layoutOf(given).length);
  const spec = parseSpec(layoutOf(given));
  if (!spec) return given;
  const width = Math.max(spec.width, least);
  const { fill, align, sign, alternate, zeroPad, grouping, type, hyphen, markCut } = spec;
  let { precision } = spec;
  if ((type === "" || type === "s") && precision && precision < width) precision = width;
  const cut = precision === undefined ? "" : `.${precision}`;
  return `${prefix}${fill}${align}${sign}${alternate ? "#" : ""}${zeroPad ? "0" : ""}${width || ""}${grouping}${cut}${type}${hyphen ? "h" : ""}${markCut ? "+" : ""}`;
}
