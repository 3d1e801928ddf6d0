import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { extname, join } from "node:path";
import { isJsonObject, type Json, type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import type { Environment } from "../environment.ts";
import { CommandError } from "../usage-error.ts";
import type { Output } from "./output.ts";

export interface NamedFormat {
  readonly description?: string;
  readonly format: string;
}
export type NamedFormats = Readonly<Record<string, NamedFormat>>;

/** Where the formats of a tool come from. */
export interface FormatSource {
  /** Stem of the configuration files, such as `flux-jobs`. */
  readonly name: string;
  /** Name in the environment variable, where it differs from the files'. */
  readonly tool?: string;
  /** Table of the files that belongs to a subcommand. */
  readonly table?: string;
  /** Further tables that the files may have, and their keys besides `formats`. */
  readonly tables?: Readonly<Record<string, readonly string[]>>;
  readonly builtin: NamedFormats;
}

interface Surroundings {
  readonly env: Environment;
  readonly out: Output;
}

/**
 * The format string that `--format=GIVEN` stands for: itself, or the format of that name, built in or
 * from configuration files. Undefined when something was printed instead (`help`, `get-config=NAME`).
 */
export async function formatNamed(
  given: string,
  source: FormatSource,
  { env, out }: Surroundings,
): Promise<string | undefined> {
  if (given.includes("{")) return given;
  const name = given === "default" ? (env[defaultVariable(source)] ?? given) : given;
  if (name.includes("{")) return name;
  const formats = { ...source.builtin, ...(await configuredFormats(source, env)) };
  if (name === "help") {
    out.line(`\nConfigured ${source.name} output formats:\n`);
    for (const [each, { description = "" }] of Object.entries(formats)) {
      out.line(`  ${each.padEnd(12)} ${description}`.trimEnd());
    }
    return undefined;
  }
  if (name.startsWith("get-config=")) {
    printConfig(name.slice("get-config=".length), formats, source, out);
    return undefined;
  }
  const found = Object.hasOwn(formats, name) ? formats[name] : undefined;
  if (!found) {
    const braced = name.replace(/\w+/g, "{$&}");
    throw new CommandError(`--format: No such format ${name} (Did you mean '${braced}'?)`);
  }
  return found.format;
}

/** A list of strings besides the formats in the table of a subcommand; none if it is not configured. */
export async function configuredList(
  key: string,
  source: FormatSource,
  env: Environment,
): Promise<string[]> {
  let configured: string[] = [];
  for (const path of configFiles(source.name, env)) {
    const tables = await readConfig(path);
    const own = isJsonObject(tables) ? tables[source.table ?? ""] : undefined;
    const value = isJsonObject(own) ? own[key] : undefined;
    if (value === undefined) continue;
    if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) {
      throw new CommandError(`${path}: ${source.table}.${key} must be a list of strings`);
    }
    configured = value as string[];
  }
  return configured;
}

function defaultVariable({ name, tool = name, table }: FormatSource): string {
  const stem = table === undefined ? tool : `${tool}-${table}`;
  return `${stem.toUpperCase().replaceAll("-", "_")}_FORMAT_DEFAULT`;
}

function printConfig(
  name: string,
  formats: NamedFormats,
  { table }: FormatSource,
  out: Output,
): void {
  const found = Object.hasOwn(formats, name) ? formats[name] : undefined;
  if (!found) throw new CommandError(`--format: No such format ${name}`);
  out.line(table === undefined ? `[formats.${name}]` : `[${table}.formats.${name}]`);
  if (found.description !== undefined) out.line(`description = "${found.description}"`);
  out.line(`format = "${found.format}"`);
}

async function configuredFormats(source: FormatSource, env: Environment): Promise<NamedFormats> {
  const formats: Record<string, NamedFormat> = {};
  for (const path of configFiles(source.name, env)) {
    const tables = await readConfig(path);
    if (!isJsonObject(tables)) throw new CommandError(`${path}: expected a table`);
    checkTables(path, tables, source);
    const own = source.table === undefined ? tables : tables[source.table];
    if (!isJsonObject(own)) continue;
    Object.assign(formats, checkFormats(path, own.formats, source.builtin));
  }
  return formats;
}

/** Files of lesser weight first. */
function configFiles(name: string, env: Environment): string[] {
  const home = env.XDG_CONFIG_HOME || join(env.HOME ?? homedir(), ".config");
  const folders = [home, ...(env.XDG_CONFIG_DIRS || "/etc/xdg").split(":")].reverse();
  return folders.flatMap((folder) => {
    const path = join(folder, "flux");
    return filesIn(path)
      .filter((file) => file.startsWith(`${name}.`) && extname(file) in readers)
      .sort()
      .map((file) => join(path, file));
  });
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Nobody has to configure anything.
    return [];
  }
}

const readers: Readonly<Record<string, (text: string) => Promise<unknown>>> = {
  ".toml": async (text) => (await import("smol-toml")).parse(text),
  ".yaml": async (text) => (await import("yaml")).parse(text),
  ".json": async (text) => parseJson(text),
};

async function readConfig(path: string): Promise<Json> {
  try {
    return (await readers[extname(path)]!(readFileSync(path, "utf8"))) as Json;
  } catch (error) {
    throw new CommandError(`${path}: ${(error as Error).message}`);
  }
}

function checkTables(path: string, tables: JsonObject, source: FormatSource): void {
  if (source.table === undefined) {
    for (const key of Object.keys(tables)) {
      if (key !== "formats") throw new CommandError(`${path}: invalid key ${key}`);
    }
    return;
  }
  const known = source.tables ?? { [source.table]: [] };
  for (const [table, members] of Object.entries(tables)) {
    const keys = Object.hasOwn(known, table) ? known[table] : undefined;
    if (!keys) throw new CommandError(`${path}: invalid key ${table}`);
    for (const key of Object.keys(isJsonObject(members) ? members : {})) {
      if (key !== "formats" && !keys.includes(key)) {
        throw new CommandError(`${path}: invalid key ${table}.${key}`);
      }
    }
  }
}

function checkFormats(path: string, formats: Json | undefined, builtin: NamedFormats) {
  if (formats === undefined) return {};
  if (!isJsonObject(formats)) {
    throw new CommandError(`${path}: the 'formats' key must be a mapping`);
  }
  for (const [name, entry] of Object.entries(formats)) {
    if (Object.hasOwn(builtin, name)) {
      throw new CommandError(`${path}: override of builtin format '${name}' not permitted`);
    }
    if (!isJsonObject(entry)) {
      throw new CommandError(`${path}: 'formats.${name}' must be a mapping`);
    }
    if (entry.format === undefined) {
      throw new CommandError(`${path}: formats.${name}: required key 'format' missing`);
    }
    if (typeof entry.format !== "string") {
      throw new CommandError(`${path}: formats.${name}: 'format' key must be a string`);
    }
  }
  return formats as unknown as NamedFormats;
}
