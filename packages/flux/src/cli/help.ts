import type { Command, CommandSpec, Group, Positionals } from "./command.ts";
import { type Option, type Options, spellingOf } from "./option.ts";
import { wrap } from "./output/wrap.ts";
import { plainName } from "./parse/positionals.ts";

const width = 80;
/** argparse leaves two columns free. */
const argparseWidth = 78;

/** What a command is called in its usage line, and what its help says. */
export interface Described {
  readonly command: Command;
  /** `flux-job wait`, `flux submit`, `flux-jobs`. */
  readonly name: string;
}

/** The usage line (argparse's `usage:`, getopt's `Usage:`). */
export function usageOf({ command, name }: Described): string {
  const { spec } = command;
  const usage = spec.usage ?? derivedUsage(spec);
  return `${spec.dialect === "A" ? "Usage" : "usage"}: ${name}${usage && ` ${usage}`}`;
}

/** Everything `--help` prints. */
export function helpOf(described: Described): string {
  const { spec } = described.command;
  return spec.dialect === "A" ? getoptHelp(described) : argparseHelp(described);
}

function derivedUsage({ options, args }: CommandSpec<Options, Positionals>): string {
  const words = options && Object.keys(options).length > 0 ? ["[OPTIONS]"] : [];
  return [...words, ...Object.values(args ?? {})].join(" ");
}

function getoptHelp(described: Described): string {
  const { spec } = described.command;
  const rows: [string, string][] = [["  -h, --help", "Display this message."]];
  for (const option of visible(spec)) rows.push([`  ${aligned(option, false)}`, option.help]);
  const about = spec.description ?? spec.summary;
  const lines = about === "" ? [usageOf(described)] : [usageOf(described), about];
  lines.push(...columns(rows, 25));
  if (spec.epilog) lines.push(spec.epilog);
  return `${lines.join("\n")}\n`;
}

function argparseHelp(described: Described): string {
  const { spec } = described.command;
  const lines = [usageOf(described), ""];
  const about = spec.description;
  if (about) lines.push(...wrap(about, width - 2), "");
  const positionals: [string, string][] = Object.entries(spec.args ?? {}).map(([key, shown]) => [
    `  ${plainName(shown)}`,
    spec.argHelp?.[key] ?? "",
  ]);
  const own: [string, string] = spec.longHelpOnly
    ? ["      --help=[TOPIC]", "Show this help message or extended help for TOPIC and exit"]
    : ["  -h, --help", "show this help message and exit"];
  const groups: { heading: string; rows: [string, string][] }[] = [
    { heading: "options:", rows: [own] },
  ];
  for (const [key, option] of Object.entries(spec.options ?? {})) {
    const heading = spec.optionGroups?.[key];
    if (heading) groups.push({ heading, rows: [] });
    if (!option.hidden) groups.at(-1)!.rows.push([`  ${aligned(option)}`, option.help]);
  }
  const all = [...positionals, ...groups.flatMap((group) => group.rows)];
  const column = Math.min(31, Math.max(...all.map(([left]) => left.length)) + 2);
  if (positionals.length > 0) {
    lines.push("positional arguments:", ...columns(positionals, column, argparseWidth), "");
  }
  lines.push(
    groups
      .map(({ heading, rows }) => [heading, ...columns(rows, column, argparseWidth)].join("\n"))
      .join("\n\n"),
  );
  if (spec.epilog) lines.push("", spec.epilog);
  return `${lines.join("\n")}\n`;
}

/** Help of a command with subcommands. */
export function groupHelp(group: Group, name: string): string {
  const { spec } = group;
  const entries = Object.entries(spec.commands).filter(
    ([, entry]) => !(entry.kind === "lazy" && entry.hidden),
  );
  if (spec.dialect !== "A") {
    const choices = `{${entries.map(([entry]) => entry).join(",")}}`;
    return [
      `usage: ${name} ${spec.usage ?? `[-h] ${choices} ...`}`,
      "",
      "options:",
      "  -h, --help                            show this help message and exit",
      "",
      "subcommands:",
      "",
      `  ${choices}`,
      "",
    ].join("\n");
  }
  return getoptGroupHelp(group, name, true);
}

/** `isHelp`: asked for, not shown because of an error. */
export function getoptGroupHelp({ spec }: Group, name: string, isHelp: boolean): string {
  const entries = Object.entries(spec.commands).filter(
    ([, entry]) => !(entry.kind === "lazy" && entry.hidden),
  );
  const own = "  -h, --help             Display this message.";
  if (spec.listing === "usages") {
    const usages = entries.map(([entry, found], i) => {
      const usage = found.kind === "lazy" ? "" : (found.spec.usage ?? "");
      return `${i === 0 ? "Usage:" : "   or:"} ${name} ${entry}${usage && ` ${usage}`}`;
    });
    return [...usages, ...(spec.summaryInUsage ? [spec.summary] : []), own, ""].join("\n");
  }
  const lines = [`Usage: ${name} ${spec.usage ?? "[OPTIONS] COMMAND ARGS"}`, own];
  if (isHelp || spec.listing !== "options") {
    lines.push("", spec.listingTitle ?? `Common commands from ${name}:`);
    for (const [entry, found] of entries) {
      const summary = found.kind === "lazy" ? found.summary : found.spec.summary;
      lines.push(`   ${entry.padEnd(15)} ${summary}`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** The usage lines that argparse shows above an error of a command with subcommands. */
export function groupUsage(group: Group, name: string): string {
  return groupHelp(group, name).split("\n\n", 1)[0]!;
}

function visible(spec: CommandSpec<Options, Positionals>): Option<unknown>[] {
  return Object.values(spec.options ?? {}).filter((option) => !option.hidden);
}

/** Options without a short form are indented as if they had one. */
function aligned({ spec }: Option<unknown>, marksOptional = true): string {
  const { short, long, argument, argumentName } = spellingOf(spec);
  const names = [short && `-${short}`, long && `--${long}`].filter(Boolean).join(", ");
  const shown =
    argumentName === ""
      ? ""
      : argument === "optional" && marksOptional
        ? `=[${argumentName}]`
        : `=${argumentName}`;
  return `${short ? "" : "    "}${names}${shown}`;
}

/** Two columns; a left side that is too long has its line to itself. */
function columns(
  rows: readonly [string, string][],
  column: number,
  total: number = width,
): string[] {
  return rows.flatMap(([left, right]) => {
    const lines = wrap(right, total - column);
    const indent = " ".repeat(column);
    if (left.length >= column && lines.length > 0) {
      return [left, ...lines.map((line) => indent + line)];
    }
    const [first = "", ...rest] = lines;
    return [(left.padEnd(column) + first).trimEnd(), ...rest.map((line) => indent + line)];
  });
}
