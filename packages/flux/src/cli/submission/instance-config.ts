import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { extname, join } from "node:path";
import { setDotted } from "@flux-ts/protocol/job/dotted-path";
import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";
import { mergeConfig, parseConfigText } from "../config-files.ts";
import type { Environment } from "../environment.ts";
import { CommandError } from "../usage-error.ts";
import { jsonOrText, readNamed, reasonOf } from "./key-values.ts";

/**
 * Configuration of a new instance from `--conf=CONF`, given any number of times: text of several lines
 * (JSON or TOML), `KEY=VALUE`, a file, or the name of a file in the user's and the system's folders.
 */
export async function instanceConfig(
  given: readonly string[],
  env: Environment,
): Promise<JsonObject | undefined> {
  if (given.length === 0) return undefined;
  const config: JsonObject = {};
  for (const text of given) {
    if (text.includes("\n")) mergeConfig(config, await inlineConfig(text));
    else if (text.includes("=")) setKey(config, text);
    else if (/^\.(toml|json)$/.test(extname(text))) mergeConfig(config, await fileConfig(text));
    else mergeConfig(config, await namedConfig(text, env));
  }
  return config;
}

async function inlineConfig(text: string): Promise<JsonObject> {
  for (const kind of ["json", "toml"] as const) {
    try {
      return await parseConfigText(text, "--conf", kind);
    } catch {
      // The other kind, then.
    }
  }
  throw new CommandError("--conf: failed to parse multiline as TOML or JSON");
}

function setKey(config: JsonObject, text: string): void {
  const equals = text.indexOf("=");
  const key = text.slice(0, equals);
  const value = jsonOrText(text.slice(equals + 1));
  try {
    setDotted(config, key, value);
  } catch (error) {
    throw new CommandError(`failed to set ${key} to ${String(value)}: ${(error as Error).message}`);
  }
}

async function fileConfig(path: string): Promise<JsonObject> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const { errno = 0 } = error as NodeJS.ErrnoException;
    throw new CommandError(`--conf: [Errno ${Math.abs(errno)}] ${reasonOf(error)}: '${path}'`);
  }
  return parsed(text, path, `--conf: parse error: ${path}`);
}

async function namedConfig(name: string, env: Environment): Promise<JsonObject> {
  const home = env.XDG_CONFIG_HOME || join(env.HOME ?? homedir(), ".config");
  for (const folder of [home, ...(env.XDG_CONFIG_DIRS || "/etc/xdg").split(":")]) {
    for (const extension of ["toml", "json"]) {
      const path = join(folder, "flux", "config", `${name}.${extension}`);
      if (!existsSync(path)) continue;
      return parsed(readNamed(path).toString("utf8"), path, `--conf=${name}: ${path}`);
    }
  }
  throw new CommandError(`--conf: named config '${name}' not found`);
}

async function parsed(text: string, path: string, label: string): Promise<JsonObject> {
  const value = await parseConfigText(text, label, path.endsWith(".json") ? "json" : "toml");
  return isJsonObject(value) ? value : {};
}
