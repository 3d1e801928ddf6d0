import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isJsonObject, type Json, parseJson } from "@flux-ts/protocol/schema/json";
import { commands, type Section, sections } from "./commands.ts";
import type { Environment } from "./environment.ts";

const usage = `Usage: flux [OPTIONS] COMMAND ARGS
  -h, --help             Display this message.
  -v, --verbose          Be verbose about environment and command search
  -V, --version          Display command and component versions
  -p, --parent           Set environment of parent instead of current instance
  -r, --root             Set environment of root instead of current instance

For general Flux documentation, please visit
    https://flux-framework.readthedocs.io
`;

interface HelpGroup {
  readonly description: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
}

/** What `flux --help` and `flux help` print: our commands, then those of other packages' help files. */
export function overviewText(env: Environment): string {
  const groups = [...ownGroups(), ...foreignGroups(env.FLUX_CMDHELP_PATTERN ?? "")];
  const texts = groups.map(({ description, commands: listed }) =>
    [description, ...listed.map(({ name, description: text }) => `   ${name.padEnd(18)} ${text}`)]
      .map((line) => `${line}\n`)
      .join(""),
  );
  const end = "\nSee 'flux help COMMAND' for more information about a specific command.\n";
  return `${usage}\n${texts.join("\n")}${end}`;
}

function ownGroups(): HelpGroup[] {
  return (Object.keys(sections) as Section[]).flatMap((section) => {
    const listed = Object.entries(commands).flatMap(([name, { help }]) =>
      help?.section === section ? [{ name: help.as ?? name, description: help.text }] : [],
    );
    return listed.length > 0 ? [{ description: sections[section], commands: listed }] : [];
  });
}

/** Groups from `help.d/*.json` files that packages install; the pattern is a colon separated list. */
function foreignGroups(pattern: string): HelpGroup[] {
  return pattern
    .split(":")
    .filter((entry) => entry !== "")
    .flatMap(filesOf)
    .flatMap((file) => {
      const value = parseJson(readFileSync(file, "utf8"));
      return Array.isArray(value) ? value.filter(isHelpGroup) : [];
    });
}

/** Files that match a pattern with `*` in its last part. */
function filesOf(pattern: string): string[] {
  const folder = dirname(pattern);
  const wanted = new RegExp(
    `^${basename(pattern)
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
  );
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    // A package that is not installed has no help either.
    return [];
  }
  return names
    .filter((name) => wanted.test(name))
    .sort()
    .map((name) => join(folder, name));
}

function isHelpGroup(value: Json): value is Json & HelpGroup {
  return (
    isJsonObject(value) &&
    typeof value.description === "string" &&
    Array.isArray(value.commands) &&
    value.commands.every(
      (each) =>
        isJsonObject(each) && typeof each.name === "string" && typeof each.description === "string",
    )
  );
}
