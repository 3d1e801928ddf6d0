import { FluxError } from "../rpc/error.ts";
import { isJsonObject, type Json, type JsonObject } from "../schema/json.ts";

/**
 * Members of nested JSON objects by dotted path, such as `system.shell.options.verbose`: how
 * options, jobspec updates (RFC 21) and configuration keys name them.
 */

/**
 * Set a member of `object`, making the objects along the path. EINVAL if something else is there.
 */
export function setDotted(object: JsonObject, path: string, value: Json): void {
  const names = path.split(".");
  const last = names.pop()!;
  let at = object;
  for (const name of names) {
    checkName(path, name);
    const next = Object.hasOwn(at, name) ? at[name] : undefined;
    if (next === undefined) {
      const made: JsonObject = {};
      at[name] = made;
      at = made;
    } else if (isJsonObject(next)) {
      at = next;
    } else {
      throw new FluxError("EINVAL", `failed to set ${path}: ${name} is not an object`);
    }
  }
  checkName(path, last);
  at[last] = value;
}

/** The member at a path, or undefined. */
export function dottedValue(object: JsonObject, path: string): Json | undefined {
  let at: Json | undefined = object;
  for (const name of path.split(".")) {
    if (!isJsonObject(at) || !Object.hasOwn(at, name)) return undefined;
    at = at[name];
  }
  return at;
}

/** Remove the member at a path, if it is there. */
export function deleteDotted(object: JsonObject, path: string): void {
  const dot = path.lastIndexOf(".");
  const parent = dot < 0 ? object : dottedValue(object, path.slice(0, dot));
  if (isJsonObject(parent)) delete parent[path.slice(dot + 1)];
}

function checkName(path: string, name: string): void {
  // Assigning to it would replace the prototype instead of adding a member.
  if (name === "__proto__") throw new FluxError("EINVAL", `failed to set ${path}: reserved name`);
}
