import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";

/**
 * Changes of nested objects that others may share, such as a jobspec that was sent in a message: they make
 * new objects along the path, such as `attributes.system.duration`, and leave the old ones alone.
 */

/** A copy with `value` at the path; objects that are missing along it are made. */
export function withJsonAt(object: JsonObject, path: string, value: Json): JsonObject {
  const [name = "", ...rest] = path.split(".");
  if (rest.length === 0) return { ...object, [name]: value };
  const inner = object[name];
  const below = isJsonObject(inner) ? inner : {};
  return { ...object, [name]: withJsonAt(below, rest.join("."), value) };
}

/** A copy with the value of each path in `updates`. */
export function withUpdates(object: JsonObject, updates: JsonObject): JsonObject {
  let result = object;
  for (const [path, value] of Object.entries(updates)) {
    if (value !== undefined) result = withJsonAt(result, path, value);
  }
  return result;
}

/** The object itself if it lacks the member, else a copy without it. */
export function withoutMember(object: JsonObject, name: string): JsonObject {
  if (object[name] === undefined) return object;
  const { [name]: _dropped, ...rest } = object;
  return rest;
}

/**
 * Merge as annotations are merged (RFC 27): objects member by member, a null removes, anything else
 * replaces. Objects that become empty vanish; undefined when nothing is left.
 */
export function mergeObjects(
  old: JsonObject | undefined,
  update: JsonObject,
): JsonObject | undefined {
  const result: JsonObject = { ...old };
  for (const [name, value] of Object.entries(update)) {
    const merged = mergeMember(result[name], value);
    if (merged === undefined) delete result[name];
    else result[name] = merged;
  }
  return Object.keys(result).length > 0 ? result : undefined;
}

function mergeMember(old: Json | undefined, value: Json | undefined): Json | undefined {
  if (value === null) return undefined;
  if (!isJsonObject(value)) return value;
  return mergeObjects(isJsonObject(old) ? old : undefined, value);
}
