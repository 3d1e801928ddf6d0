import { FluxError } from "../rpc/error.ts";
import { Idset, MAX_ID } from "../text/idset.ts";
import type { CountRangeSpec, ResourceCount } from "./jobspec.ts";

/** What counts a resource vertex accepts (RFC 14), in one form whichever way it was written. */
export interface CountRange {
  readonly min: number;
  /** Infinity if there is no limit. */
  readonly max: number;
  /** Present if not every number from min to max is acceptable. */
  readonly values?: Idset;
}

/** More steps than a machine has resources: a range that needs more is refused. */
const maxValues = 65536;

const refuse = (text: string): FluxError => new FluxError("EINVAL", text);

/** A count as a range. EINVAL saying what is wrong with it. */
export function parseCount(count: ResourceCount): CountRange {
  if (typeof count === "number") {
    if (!Number.isInteger(count) || count < 0) throw refuse("count must be >= 0");
    return { min: count, max: count };
  }
  if (typeof count !== "string") return checkedRange(count);
  const text = /^\[.*\]$/.test(count) ? count.slice(1, -1) : count;
  const range = parseRangeText(text);
  if (range) return checkedRange(range);
  const values = idsetOf(text);
  const [min, max] = [values.first()!, values.last()!];
  return values.size === max - min + 1 ? { min, max } : { min, max, values };
}

/**
 * The range that RFC 45 text says (`2-8:2:*`, `3+`), or undefined if it has another form. A plain
 * number or a list is an idset.
 */
export function parseRangeText(text: string): CountRangeSpec | undefined {
  const number = "([1-9]\\d*)";
  const pattern = new RegExp(`^${number}(?:-${number}|\\+)(?::${number}(?::([+*^]))?)?$`);
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, min, max, operand, operator] = match;
  return {
    min: Number(min),
    ...(max !== undefined && { max: Number(max) }),
    ...(operand !== undefined && {
      operand: Number(operand),
      operator: (operator ?? "+") as "+" | "*" | "^",
    }),
  };
}

/** RFC 45 text of a range, in its shortest form. */
export function encodeRange({ min, max, operand = 1, operator = "+" }: CountRangeSpec): string {
  const bounds = max === undefined ? `${min}+` : `${min}-${max}`;
  if (operator !== "+") return `${bounds}:${operand}:${operator}`;
  return operand === 1 ? bounds : `${bounds}:${operand}`;
}

function idsetOf(text: string): Idset {
  let ids: Idset;
  try {
    ids = Idset.parse(text);
  } catch (cause) {
    throw new FluxError("EINVAL", "count string must be a valid idset or range", { cause });
  }
  if (ids.size === 0) throw refuse("count string must be a valid idset or range");
  if (ids.has(0)) throw refuse("min must be > 0");
  return ids;
}

/** The rules of RFC 14 for a range. */
function checkedRange(range: CountRangeSpec): CountRange {
  const { min, max = Number.POSITIVE_INFINITY, operand, operator } = range;
  if (min === undefined) throw refuse("min must be in range");
  for (const key of ["min", "max", "operand"] as const) {
    const given = range[key];
    if (given === undefined) continue;
    if (!Number.isInteger(given)) throw refuse(`${key} must be an int`);
    if (given < 1) throw refuse(`${key} must be > 0`);
  }
  if (max < min) throw refuse("max must be >= min");
  if ((operand === undefined) !== (operator === undefined)) {
    throw refuse("operand and operator must both be in range if either is");
  }
  if (operator === undefined || operand === undefined) return { min, max };
  if (typeof operator !== "string" || operator.length !== 1) {
    throw refuse("operator must be a single character str");
  }
  if (!"+*^".includes(operator)) throw refuse("operator must be one of ['+', '*', '^']");
  if (operator !== "+" && operand < 2) throw refuse("operand must be > 1 for '*' or '^' operator");
  if (operator === "^" && min < 2) throw refuse("min must be > 1 for '^' operator");
  return operator === "+" && operand === 1
    ? { min, max }
    : { min, max, values: stepsOf(min, max, operator, operand) };
}

/** The acceptable numbers of a range with a step. Unlimited ones end where no machine is larger. */
function stepsOf(min: number, max: number, operator: string, operand: number): Idset {
  const values = new Idset();
  for (let value = min; value <= Math.min(max, MAX_ID); ) {
    if (values.size === maxValues) {
      if (max === Number.POSITIVE_INFINITY) break;
      throw tooMany();
    }
    values.add(value);
    if (operator === "+") value += operand;
    else value = operator === "*" ? value * operand : value ** operand;
  }
  return values;
}

const tooMany = (): FluxError => refuse(`a count of more than ${maxValues} values`);

/**
 * A range with every number multiplied: nodes below `factor` racks. EINVAL if that is too long to
 * list.
 */
export function scaledCount(range: CountRange, factor: number): CountRange {
  if (factor === 1) return range;
  const { min, max, values = Idset.range(min, Math.min(max, MAX_ID)) } = range;
  const bounds = { min: min * factor, max: max * factor };
  if (min === max) return bounds;
  // Scaled, a range has gaps; only an unlimited one can do without listing what it accepts.
  if (max === Number.POSITIVE_INFINITY && !range.values) return bounds;
  if (values.size > maxValues) throw tooMany();
  return { ...bounds, values: Idset.from([...values].map((value) => value * factor)) };
}

/** The largest acceptable number that is not above `available`, or undefined if there is none. */
export function largestCount(range: CountRange, available: number): number | undefined {
  if (available < range.min) return undefined;
  if (!range.values) return Math.min(range.max, available);
  return range.values.intersect(Idset.range(0, Math.min(available, MAX_ID))).last();
}
