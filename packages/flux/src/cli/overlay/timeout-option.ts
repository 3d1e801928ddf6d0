import { durationOption } from "../duration-option.ts";

const usualSeconds = 0.5;

export const timeoutOption = durationOption(
  "-t, --timeout=FSD",
  "Set RPC timeout, 0=disable (default 0.5s)",
);

/** Seconds to wait for an answer; undefined: any time. `size`: brokers whose answer takes longer. */
export function timeoutOf(given: number | undefined, size = 1): number | undefined {
  if (given === undefined) return size > 2048 ? (usualSeconds * size) / 2000 : usualSeconds;
  return given === 0 || given === Infinity ? undefined : given;
}
