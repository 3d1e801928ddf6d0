import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { isJsonObject, type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import { reasonOf } from "./submission/key-values.ts";
import { CommandError } from "./usage-error.ts";

/** TOML or JSON text as an object. `name` says in errors where it is from. */
export async function parseConfigText(
  text: string,
  name: string,
  kind: "toml" | "json",
): Promise<JsonObject> {
  try {
    const value =
      kind === "json" ? parseJson(text) : ((await import("smol-toml")).parse(text) as JsonObject);
    if (isJsonObject(value)) return value;
  } catch (error) {
    throw new CommandError(`${name}: ${(error as Error).message}`);
  }
  throw new CommandError(`${name}: not an object`);
}

/** The configuration in a file, or in all `*.toml` files of a folder, merged in name order. */
export async function readConfig(path: string): Promise<JsonObject> {
  const files = isFolder(path)
    ? readdirSync(path)
        .filter((name) => name.endsWith(".toml"))
        .sort()
        .map((name) => join(path, name))
    : [path];
  const merged: JsonObject = {};
  for (const file of files) {
    const kind = file.endsWith(".json") ? "json" : "toml";
    mergeConfig(merged, await parseConfigText(read(file), file, kind));
  }
  return merged;
}

/** Put `from` into `into`: objects are merged, everything else is replaced. */
export function mergeConfig(into: JsonObject, from: JsonObject): JsonObject {
  for (const [key, value] of Object.entries(from)) {
    const present = into[key];
    if (isJsonObject(present) && isJsonObject(value))
      into[key] = mergeConfig({ ...present }, value);
    else into[key] = value;
  }
  return into;
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new CommandError(`${path}: ${reasonOf(error)}`);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new CommandError(`${path}: ${reasonOf(error)}`);
  }
}
