/**
 * Resource range text (RFC 45): `min-max:operand:operator` or `min+:operand:operator`, for the
 * ranges of acceptable counts of RFC 14. `2-8:2:*` accepts 2, 4 and 8.
 */
import { FluxError } from "../rpc/error.ts";

/** How to get from an acceptable value to the next one. */
export type RangeOperator = "+" | "*" | "^";

export interface Range {
  readonly min: number;
  /** Infinity when the text names none. */
  readonly max: number;
  readonly operand: number;
  readonly operator: RangeOperator;
}

const pattern =
  /^([1-9][0-9]{0,14})(?:-([1-9][0-9]{0,14})|\+)(?::([1-9][0-9]{0,14})(?::([+*^]))?)?$/;

/** Reads a range, with or without brackets around it. Throws EINVAL. */
export function parseRange(text: string): Range {
  const bracketed = text.startsWith("[") && text.endsWith("]");
  const match = pattern.exec(bracketed ? text.slice(1, -1) : text);
  if (!match) throw invalid(text, "expected min-max or min+, then :operand:operator");
  const min = Number(match[1]);
  const max = Number(match[2] ?? Infinity);
  const operand = Number(match[3] ?? 1);
  const operator = isOperator(match[4]) ? match[4] : "+";
  // RFC 14: only ranges whose values grow.
  if (max < min) throw invalid(text, "max must be >= min");
  if (operator !== "+" && operand < 2) throw invalid(text, "operand must be >= 2 for * and ^");
  if (operator === "^" && min < 2) throw invalid(text, "min must be >= 2 for ^");
  return { min, max, operand, operator };
}

/** Range text; `full` names an operand and operator even where RFC 45 lets them be omitted. */
export function formatRange(
  { min, max, operand, operator }: Range,
  options: { brackets?: boolean; full?: boolean } = {},
): string {
  let text = max === Infinity ? `${min}+` : `${min}-${max}`;
  const needsOperator = options.full || operator !== "+";
  if (needsOperator || operand !== 1) text += `:${operand}`;
  if (needsOperator) text += `:${operator}`;
  return options.brackets ? `[${text}]` : text;
}

/** The acceptable values, ascending; as far as numbers are exact when there is no max. */
export function* rangeValues({ min, max, operand, operator }: Range): IterableIterator<number> {
  const end = Math.min(max, Number.MAX_SAFE_INTEGER);
  for (let value = min; value <= end; ) {
    yield value;
    if (operator === "+") value += operand;
    else value = operator === "*" ? value * operand : value ** operand;
  }
}

function isOperator(text: string | undefined): text is RangeOperator {
  return text === "+" || text === "*" || text === "^";
}

function invalid(text: string, reason: string): FluxError {
  return new FluxError("EINVAL", `invalid range '${text}': ${reason}`);
}
