import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import { kindOf } from "./list-request.ts";

/** What the configuration says to job-list. */
export interface Settings {
  /** Comparisons that one query may make; 0 is no limit. */
  readonly maxComparisons: number;
  /** Guests must not learn of other users' jobs. */
  readonly isPrivate: boolean;
}

const defaultMaxComparisons = 1_000_000;

/** EINVAL saying what is wrong with the configuration. */
export function settingsOf(config: JsonObject): Settings {
  const maxComparisons = memberOf(config, "job-list", "max_comparisons") ?? defaultMaxComparisons;
  if (!Number.isInteger(maxComparisons)) {
    throw refuse("config for job-list", "integer", maxComparisons);
  }
  if ((maxComparisons as number) < 0) {
    throw new FluxError("EINVAL", "job-list.max_comparisons must be >= 0");
  }
  const isPrivate = memberOf(config, "access", "private-mode") ?? false;
  if (typeof isPrivate !== "boolean") throw refuse("[access] config", "true or false", isPrivate);
  return { maxComparisons: maxComparisons as number, isPrivate };
}

function memberOf(config: JsonObject, table: string, key: string): Json | undefined {
  const value = config[table];
  return isJsonObject(value) ? value[key] : undefined;
}

function refuse(where: string, expected: string, value: Json): FluxError {
  const text = `error reading ${where}: Expected ${expected}, got ${kindOf(value)}`;
  return new FluxError("EINVAL", text);
}
