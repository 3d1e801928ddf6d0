import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";

/** Objects that a job's eventlog changes after they were written (RFC 41). */
export type UpdatedKey = "R" | "jobspec";

export function isUpdatedKey(key: string): key is UpdatedKey {
  return key === "R" || key === "jobspec";
}

/**
 * `object` with what an event changes in it, or undefined if it changes nothing. The object given is
 * left as it is.
 */
export function updatedBy(
  key: UpdatedKey,
  object: JsonObject,
  { name, context }: EventlogEntry,
): JsonObject | undefined {
  if (!context) return undefined;
  if (key === "R" && name === "resource-update") {
    const { execution } = object;
    const { expiration } = context;
    if (!isJsonObject(execution) || expiration === undefined) return undefined;
    return { ...object, execution: { ...execution, expiration } };
  }
  if (key !== "jobspec" || name !== "jobspec-update") return undefined;
  let updated = object;
  for (const [path, value] of Object.entries(context)) {
    if (value !== undefined) updated = withValue(updated, path.split("."), value);
  }
  return updated;
}

/** A copy of `object` with the member at `path` set; members on the way are made where missing. */
function withValue(object: JsonObject, path: readonly string[], value: Json): JsonObject {
  const [name, ...rest] = path as [string, ...string[]];
  if (rest.length === 0) return { ...object, [name]: value };
  const inner = object[name];
  return { ...object, [name]: withValue(isJsonObject(inner) ? inner : {}, rest, value) };
}
