import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import { parse as parseToml } from "smol-toml";

/** Largest configuration file read. */
const maxFileBytes = 16 * 2 ** 20;

/**
 * The configuration at `path`: a directory (all its `*.toml`, merged in name order), a `.json` file,
 * or else a TOML file. Throws EINVAL or ENOENT naming the file.
 */
export function readConfig(path: string): JsonObject {
  let isDirectory: boolean;
  try {
    isDirectory = statSync(path).isDirectory();
  } catch (cause) {
    throw new FluxError("ENOENT", `config path ${path}: no such file or directory`, { cause });
  }
  if (!isDirectory) return readFile(path);
  let config: JsonObject = {};
  for (const name of readdirSync(path).sort()) {
    if (name.endsWith(".toml")) config = mergeConfig(config, readFile(join(path, name)));
  }
  return config;
}

/**
 * A `--conf=VALUE`: inline text if it has a newline, inline JSON if it starts with a brace, `KEY=VALUE`
 * with a dotted key, else a file.
 */
export function configFromOption(value: string): JsonObject {
  if (value.includes("\n")) {
    return value.trimStart().startsWith("{")
      ? jsonText(value, "--conf")
      : tomlText(value, "--conf");
  }
  if (value.startsWith("{")) return jsonText(value, "--conf");
  const equals = value.indexOf("=");
  return equals < 0 ? readFile(value) : assignment(value.slice(0, equals), value.slice(equals + 1));
}

/** `base` with `extra` on top: tables merge, anything else replaces. */
export function mergeConfig(base: JsonObject, extra: JsonObject): JsonObject {
  const merged = { ...base };
  for (const [key, value] of Object.entries(extra)) {
    const old = merged[key];
    merged[key] = isJsonObject(old) && isJsonObject(value) ? mergeConfig(old, value) : value;
  }
  return merged;
}

function assignment(key: string, text: string): JsonObject {
  let value: Json;
  try {
    value = parseJson(text);
  } catch {
    value = text;
  }
  return key
    .split(".")
    .reduceRight<Json>((inner, name) => ({ [name]: inner }), value) as JsonObject;
}

function readFile(path: string): JsonObject {
  let text: string;
  try {
    if (statSync(path).size > maxFileBytes)
      throw new FluxError("EFBIG", `${path}: file is too large`);
    text = readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof FluxError) throw cause;
    throw new FluxError("ENOENT", `config file ${path}: ${(cause as Error).message}`, { cause });
  }
  return path.endsWith(".json") ? jsonText(text, path) : tomlText(text, path);
}

function jsonText(text: string, where: string): JsonObject {
  let value: Json;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw new FluxError("EINVAL", `${where}: ${(cause as Error).message}`, { cause });
  }
  if (!isJsonObject(value)) throw new FluxError("EINVAL", `${where}: must hold a JSON object`);
  return value;
}

function tomlText(text: string, where: string): JsonObject {
  try {
    return plain(parseToml(text, { integersAsBigInt: "asNeeded" })) as JsonObject;
  } catch (cause) {
    const [reason = "invalid TOML"] = (cause as Error).message.split("\n");
    const { line } = cause as { line?: number };
    const place = line === undefined ? where : `${where}: line ${line}`;
    throw new FluxError("EINVAL", `${place}: ${reason}`, { cause });
  }
}

/** TOML values as JSON: dates become their text. */
function plain(value: unknown): Json {
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value as Json;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
}
