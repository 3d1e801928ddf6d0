import { type FieldValue, Moment, NamedNumber, Real, textOf } from "./format-value.ts";

/** Order of values of mixed kinds: unset ones, then numbers and numeric text, then other text. */
export function compareValues(a: FieldValue, b: FieldValue): number {
  const [kindA, valueA] = rankOf(a);
  const [kindB, valueB] = rankOf(b);
  if (kindA !== kindB) return kindA - kindB;
  return valueA < valueB ? -1 : valueA > valueB ? 1 : 0;
}

type Rank = readonly [kind: number, value: number | bigint | string];

function rankOf(value: FieldValue): Rank {
  if (value === null || value === undefined || value === "" || value === "-") return [0, 0];
  if (value instanceof Real || value instanceof NamedNumber) return [1, value.value];
  if (value instanceof Moment) return [1, value.seconds];
  if (typeof value === "number" || typeof value === "bigint") return [1, value];
  if (typeof value === "boolean") return [1, Number(value)];
  const text = textOf(value);
  const number = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(text)
    ? Number(text)
    : Number.NaN;
  return Number.isNaN(number) ? [2, text] : [1, number];
}
