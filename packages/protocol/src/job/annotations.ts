import { isJsonObject, type Json, type JsonObject } from "../schema/json.ts";

/**
 * Annotations (RFC 27) with an update merged in: objects member by member, a null removes, anything
 * else replaces. Objects that become empty vanish; undefined when nothing is left. Neither argument
 * is changed.
 */
export function mergeAnnotations(
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
  return mergeAnnotations(isJsonObject(old) ? old : undefined, value);
}
