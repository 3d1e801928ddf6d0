import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { isJsonObject, type Json, parseJson } from "@flux-ts/protocol/schema/json";
import { commands } from "./commands.ts";
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

const entry = (name: string, description: string) => ({ name, description });

/** What people look for first, in the order of flux-core's help. */
const listed: readonly HelpGroup[] = [
  {
    description: "run and submit jobs, allocate resources",
    commands: [
      entry("submit", "submit a job to a Flux instance"),
      entry("run", "run a Flux job interactively"),
      entry("bulksubmit", "submit jobs in bulk to a Flux instance"),
      entry("alloc", "allocate a new Flux instance for interactive use"),
      entry("batch", "submit a batch script to Flux"),
    ],
  },
  {
    description: "list and interact with jobs",
    commands: [
      entry("jobs", "list jobs submitted to Flux"),
      entry("top", "display running Flux jobs"),
      entry("pstree", "display job hierarchies"),
      entry("cancel", "cancel one or more jobs"),
      entry("pgrep/pkill", "search or cancel matching jobs"),
      entry("job", "get job status, info, etc (see: flux help job)"),
      entry("proxy", "proxy connections to Flux jobs and instances"),
      entry("watch", "monitor one or more Flux jobs"),
      entry("update", "update active Flux jobs"),
    ],
  },
  {
    description: "get resource, queue and other instance information",
    commands: [
      entry("resource", "list/manipulate Flux resource status"),
      entry("queue", "list and manipulate flux queues"),
      entry("overlay", "Show flux overlay network status"),
      entry("uptime", "Tell how long Flux has been up and running"),
    ],
  },
  {
    description: "other useful commands",
    commands: [
      entry("start", "bootstrap a local Flux instance"),
      entry("version", "Display flux version information"),
      entry("config", "Manage/query Flux configuration"),
      entry("env", "Print the flux environment or execute a command inside it"),
      entry("admin", "Flux administration subcommands"),
      entry("hostlist", "fetch, combine, and manipulate Flux hostlists"),
    ],
  },
];

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
  return listed
    .map(({ description, commands: all }) => ({
      description,
      commands: all.filter(({ name }) => Object.hasOwn(commands, name.split("/")[0]!)),
    }))
    .filter(({ commands: present }) => present.length > 0);
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
