import { FluxError } from "@flux-ts/protocol/rpc/error";

/**
 * The items of a list that a Python slice such as `[1:10:2]` or `[::-1]` names. EINVAL if it is none.
 */
export function sliceOf<T>(items: readonly T[], text: string): T[] {
  const refuse = (): FluxError =>
    new FluxError("EINVAL", "could not parse python-style slice expression");
  const match = /^\[([^[\]]*)\]$/.exec(text.trim());
  const parts = match?.[1]?.split(":").map((part) => part.trim());
  if (!parts || parts.length < 2 || parts.length > 3) throw refuse();
  const numbers = parts.map((part) => {
    if (part === "") return undefined;
    if (!/^[-+]?\d+$/.test(part)) throw refuse();
    return Number(part);
  });
  const [start, stop, step = 1] = numbers;
  if (step === 0) throw refuse();
  return stepThrough(items, start, stop, step);
}

function stepThrough<T>(
  items: readonly T[],
  start: number | undefined,
  stop: number | undefined,
  step: number,
): T[] {
  const { length } = items;
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const bound = (given: number | undefined, missing: number): number => {
    if (given === undefined) return missing;
    return Math.min(Math.max(given < 0 ? given + length : given, low), high);
  };
  const from = bound(start, step > 0 ? low : high);
  const to = bound(stop, step > 0 ? high : low);
  const result: T[] = [];
  for (let at = from; step > 0 ? at < to : at > to; at += step) result.push(items[at]!);
  return result;
}
