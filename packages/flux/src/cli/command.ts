import type { Flux } from "@flux-ts/client/handle";
import type { Options, OptionValues } from "./option.ts";
import type { Input, Output } from "./output/output.ts";
import type { System } from "./system.ts";

/**
 * How a command line is read; scripts depend on it (flux-core's three kinds of tools):
 * - `A` GNU getopt: options end at the first positional, long options may be abbreviated, exit status 1
 * - `B` argparse: options anywhere, no abbreviations, exit status 2
 * - `C` argparse in POSIX mode: as B, but the first positional begins the job's command
 */
export type Dialect = "A" | "B" | "C";

/** `NAME` required, `[NAME]` optional, `NAME...` one or more, `[NAME...]` any number. */
export type Positionals = { readonly [key: string]: string };
export type ArgValues<P extends Positionals> = {
  [K in keyof P]: P[K] extends `${string}...` | `[${string}...]`
    ? readonly string[]
    : P[K] extends `[${string}]`
      ? string | undefined
      : string;
};

/** One use of an option, for options whose order among each other matters. */
export interface Occurrence {
  readonly key: string;
  readonly text: string | undefined;
}

/** All a command may touch: it never uses `process` or `console`, so that tests can run it anywhere. */
export interface Context<O, A> {
  readonly options: O;
  readonly args: A;
  /** Every option given, in command line order, by its key in the declaration. */
  readonly occurrences: readonly Occurrence[];
  /** How messages begin: `flux-jobs`. */
  readonly prog: string;
  /** The instance: connected at the first call. `uri` overrides FLUX_URI. */
  flux(uri?: string): Promise<Flux>;
  /** Standard output: results. */
  readonly out: Output;
  /** Standard error: diagnostics. */
  readonly err: Output;
  readonly stdin: Input;
  /** The environment as the person has it, plus what `flux` prepares. Never changed. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Processes, users, signals, directories. */
  readonly system: System;
  /** `PROG: TEXT`, or `PROG: WARNING: TEXT` in dialects B and C, on stderr. */
  warn(text: string): void;
  /** `PROG: TEXT`, or `PROG: ERROR: TEXT`; does not end the command. */
  error(text: string): void;
}

export interface CommandSpec<O extends Options, P extends Positionals> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  readonly dialect: Dialect;
  /** What the usage line shows after the command; default: from options and positionals. */
  readonly usage?: string;
  /** How diagnostics begin; default `flux-NAME`. */
  readonly prog?: string;
  /** How the usage names the command; default: `flux NAME` for builtins and dialect C, `flux-NAME`. */
  readonly usageName?: string;
  /** Compiled into flux-core's `flux`: named `flux NAME` in its usage, and `flux` if it cannot connect. */
  readonly builtin?: boolean;
  readonly options?: O;
  readonly args?: P;
  /** Help of positionals, by key. */
  readonly argHelp?: { readonly [K in keyof P]?: string };
  /** Shown in the help below the usage; default: the summary. */
  readonly description?: string;
  /** Shown below the options. */
  readonly epilog?: string;
  /** Headings for groups of options in the help: the key of the first option of each group. */
  readonly optionGroups?: { readonly [K in keyof O]?: string };
  /** `--help[=TOPIC]` without `-h`, as the submission commands have it. */
  readonly longHelpOnly?: boolean;
  /** What `--help=TOPIC` says, by the name of an option that a plugin adds. */
  readonly helpTopics?: Readonly<Record<string, string>>;
  /** Exit status of `--help`; flux-core's older tools use 1. */
  readonly helpStatus?: number;
  /** `--help` and every usage error print the usage line on stderr and nothing else, with status 1. */
  readonly usageOnly?: boolean;
  /** In dialect B, all that follows the first positional is positional, whatever it looks like. */
  readonly takesRemainder?: boolean;
  /** Every argument is a positional, options too: they belong to a program that is started. */
  readonly rawArguments?: boolean;
  /** Exit status; nothing means 0. A thrown FluxError or CommandError is printed and means failure. */
  run(context: Context<OptionValues<O>, ArgValues<P>>): Promise<number | void> | number | void;
}

export interface Command {
  readonly kind: "command";
  readonly spec: CommandSpec<Options, Positionals>;
}

/** Subcommands behind one name. The choice is made by the first positional. */
export interface Group {
  readonly kind: "group";
  readonly spec: GroupSpec;
}

export interface GroupSpec {
  readonly name: string;
  readonly summary: string;
  readonly dialect: Dialect;
  readonly usage?: string;
  readonly prog?: string;
  readonly usageName?: string;
  readonly builtin?: boolean;
  readonly helpStatus?: number;
  /**
   * What dialect A shows below the usage line: `summaries` (default) of the subcommands, their `usages`
   * in place of one usage line of the group, or nothing but the options (`options`).
   */
  readonly listing?: "summaries" | "usages" | "options";
  /** With `usages`: the group's summary follows them. */
  readonly summaryInUsage?: boolean;
  /** Without a subcommand, show the usage alone. */
  readonly silentWhenMissing?: boolean;
  /** With an unknown subcommand, too. */
  readonly silentWhenUnknown?: boolean;
  /** Heading of the summaries; default: `Common commands from flux-NAME:`. */
  readonly listingTitle?: string;
  readonly commands: { readonly [name: string]: Command | Group | LazyCommand };
}

/** A subcommand that is loaded when it is chosen. */
export interface LazyCommand {
  readonly kind: "lazy";
  readonly summary: string;
  readonly hidden?: boolean;
  load(): Promise<{ default: Command | Group }>;
}

export type AnyCommand = Command | Group;

/** Declare a command. Parsing, help, manual page and completion derive from this. */
export function command<
  const O extends Options = Record<never, never>,
  const P extends Positionals = Record<never, never>,
>(spec: CommandSpec<O, P>): Command {
  return { kind: "command", spec: spec as unknown as CommandSpec<Options, Positionals> };
}

/** Declare a command that has subcommands. */
export function group(spec: GroupSpec): Group {
  return { kind: "group", spec };
}

/** A subcommand with a file of its own: `lazy("wait for jobs", () => import("./wait.ts"))`. */
export function lazy(
  summary: string,
  load: () => Promise<{ default: Command | Group }>,
  extras: { hidden?: boolean } = {},
): LazyCommand {
  return { kind: "lazy", summary, load, ...extras };
}
