import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { parseJson } from "@flux-ts/protocol/schema/json";
import { formatDurationShort, parseDuration } from "@flux-ts/protocol/text/duration";
import { Real } from "../output/format-value.ts";
import type { PythonValue } from "../output/python-json.ts";
import { CommandError } from "../usage-error.ts";

export type JobspecUpdates = { readonly [key: string]: PythonValue };

const durationKey = "attributes.system.duration";

/**
 * `KEY=VALUE` arguments as updates by full key of the jobspec. `current` tells the job's duration, and
 * is asked only if a duration is given relative to it.
 */
export async function jobspecUpdates(
  words: readonly string[],
  job: string,
  current: () => Promise<number>,
): Promise<JobspecUpdates> {
  const updates: { [key: string]: PythonValue } = {};
  for (const word of words) {
    const equals = word.indexOf("=");
    const key = fullKey(equals < 0 ? word : word.slice(0, equals));
    const text = equals < 0 ? "" : word.slice(equals + 1);
    if (key === durationKey) updates[key] = new Real(await durationOf(text, job, current));
    else updates[key] = parsedValue(text);
  }
  return updates;
}

/** Whether an event says what was asked for, perhaps besides more. */
export function isSameUpdate(wanted: JsonObject, event: JsonObject): boolean {
  return Object.entries(wanted).every(
    ([key, value]) => JSON.stringify(event[key]) === JSON.stringify(value),
  );
}

function fullKey(key: string): string {
  if (key === "name") return "attributes.system.job.name";
  return /^(attributes|resources|tasks)\./.test(key) ? key : `attributes.system.${key}`;
}

function parsedValue(text: string): PythonValue {
  try {
    return parseJson(text) as PythonValue;
  } catch {
    return text;
  }
}

async function durationOf(
  text: string,
  job: string,
  current: () => Promise<number>,
): Promise<number> {
  const sign = /^[-+]/.exec(text)?.[0];
  if (sign === undefined) return unlimitedAsZero(seconds(text));
  const before = await current();
  if (before === 0) {
    throw new CommandError(`duration for ${job} is unlimited, can't update by ${text}`);
  }
  const change = seconds(text.slice(1));
  if (sign === "+") return unlimitedAsZero(before + change);
  if (before - change > 0) return before - change;
  throw new CommandError(
    `current duration for ${job} (${formatDurationShort(before)}) cannot be reduced by ${text.slice(1)}`,
  );
}

const unlimitedAsZero = (value: number): number => (value === Infinity ? 0 : value);

function seconds(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(error.message);
  }
}
