import { connect } from "@flux-ts/client/connect";
import type { Flux } from "@flux-ts/client/handle";
import { errnoText } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { AnyCommand, Command, Context, Dialect, Group, LazyCommand } from "./command.ts";
import type { Environment } from "./environment.ts";
import type { Input, Output } from "./output/output.ts";
import { parseArgparse } from "./parse/argparse.ts";
import { parseGetopt } from "./parse/getopt.ts";
import { emptyParsed, type Parsed } from "./parse/parsed.ts";
import { assignPositionals } from "./parse/positionals.ts";
import type { System } from "./system.ts";
import { CommandError, UsageError } from "./usage-error.ts";

/** What a command runs in: the process, or a test's imitation of one. */
export interface Host {
  readonly out: Output;
  readonly err: Output;
  readonly stdin: Input;
  readonly env: Environment;
  readonly system: System;
  /** How to reach an instance; default: `connect` of the SDK. */
  connect?(uri: string | undefined): Promise<Flux>;
}

interface NamedSpec {
  readonly dialect: Dialect;
  readonly usageName?: string;
  readonly builtin?: boolean;
}

/** The connection could not be made. */
class NoInstance extends Error {
  readonly reason: FluxError;

  constructor(reason: FluxError) {
    super(reason.message);
    this.reason = reason;
  }
}

/** Run a command with its arguments (without its own name). Resolves to the exit status. */
export async function runCommand(
  command: AnyCommand,
  argv: readonly string[],
  host: Host,
): Promise<number> {
  return new Runner(host).run(command, [command.spec.name], argv);
}

class Runner {
  readonly #host: Host;
  #flux: Promise<Flux> | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  async run(
    entry: AnyCommand,
    path: string[],
    argv: readonly string[],
    parent?: Group,
  ): Promise<number> {
    if (entry.kind === "group") return this.#runGroup(entry, path, argv);
    const { spec } = entry;
    const prog = spec.prog ?? `flux-${path[0]}`;
    try {
      const parsed = parse(entry, argv);
      if (parsed.help && spec.usageOnly) throw new UsageError("");
      if (parsed.help) return await this.#help(entry, path, parsed.help.topic);
      const args = positionalsOf(entry, parsed.positionals);
      const context = this.#context(parsed, args, prog, spec.dialect);
      return (await spec.run(context as never)) || 0;
    } catch (error) {
      if (error instanceof UsageError) return await this.#misused(entry, path, error, parent);
      if (error instanceof NoInstance && spec.builtin) return this.#failed(error, "flux", "A");
      return this.#failed(error, prog, spec.dialect);
    } finally {
      await this.#close();
    }
  }

  async #runGroup(group: Group, path: string[], argv: readonly string[]): Promise<number> {
    const { spec } = group;
    const name = nameOf(spec, path);
    const { out, err } = this.#host;
    const [first, ...rest] = argv;
    const chosen = first !== undefined && Object.hasOwn(spec.commands, first);
    if (chosen) {
      return this.run(await loaded(spec.commands[first]!), [...path, first], rest, group);
    }
    const { getoptGroupHelp, groupHelp, groupUsage } = await import("./help.ts");
    if (first === "--help" || first === "-h") {
      (spec.dialect === "A" ? err : out).write(groupHelp(group, name));
      return spec.helpStatus ?? 0;
    }
    if (spec.dialect === "A") {
      if (first?.startsWith("-")) {
        err.line(`${name}: unrecognized option '${first}'`);
        err.line(`Try \`${name} --help' for more information.`);
        return 1;
      }
      const isSilent = first === undefined ? spec.silentWhenMissing : spec.silentWhenUnknown;
      if (spec.listing !== undefined && !isSilent) {
        err.line(
          `${name}: ${first === undefined ? "missing subcommand" : `Unknown subcommand: ${first}`}`,
        );
      }
      err.write(getoptGroupHelp(group, name, false));
      return 1;
    }
    err.line(groupUsage(group, name));
    err.line(`${name}: error: ${wrongChoice(group, first)}`);
    return 2;
  }

  #context(
    parsed: Parsed,
    args: Record<string, unknown>,
    prog: string,
    dialect: Dialect,
  ): Context<Record<string, unknown>, Record<string, unknown>> {
    const { out, err, stdin, env, system } = this.#host;
    const level = (name: string): string => (dialect === "A" ? "" : `${name}: `);
    return {
      options: parsed.options,
      occurrences: parsed.occurrences,
      args,
      prog,
      flux: (uri) => this.#connect(uri),
      out,
      err,
      stdin,
      env,
      system,
      warn: (text) => err.line(`${prog}: ${level("WARNING")}${text}`),
      error: (text) => err.line(`${prog}: ${level("ERROR")}${text}`),
    };
  }

  #connect(uri?: string): Promise<Flux> {
    const target = uri ?? this.#host.env.FLUX_URI;
    const open = this.#host.connect ?? connect;
    this.#flux ??= open(target).catch((error: unknown) => {
      throw error instanceof FluxError ? new NoInstance(error) : error;
    });
    return this.#flux;
  }

  async #close(): Promise<void> {
    const flux = await this.#flux?.catch(() => undefined);
    flux?.close();
  }

  async #help(command: Command, path: string[], topic: string | undefined): Promise<number> {
    const { helpOf } = await import("./help.ts");
    const name = nameOf(command.spec, path);
    if (topic !== undefined) return this.#topic(command, topic);
    const { out, err } = this.#host;
    (command.spec.dialect === "A" ? err : out).write(helpOf({ command, name }));
    return command.spec.helpStatus ?? 0;
  }

  #topic(command: Command, topic: string): number {
    const { spec } = command;
    const topics = spec.helpTopics ?? {};
    const text = Object.hasOwn(topics, topic) ? topics[topic] : undefined;
    if (text === undefined) throw new CommandError(`--help: no such option ${topic}`);
    this.#host.out.write(
      `\n\nDocumentation for plugin providing option \`--${topic}\`:\n\n${text}\n`,
    );
    return 0;
  }

  async #misused(
    command: Command,
    path: string[],
    error: UsageError,
    parent: Group | undefined,
  ): Promise<number> {
    const { groupUsage, helpOf, usageOf } = await import("./help.ts");
    const { err } = this.#host;
    const { dialect } = command.spec;
    const name = nameOf(command.spec, path);
    if (command.spec.usageOnly) {
      err.line(usageOf({ command, name }));
      return 1;
    }
    if (dialect === "A") {
      if (error.hint === "help" || error.hint === "usage") {
        if (error.message) err.line(`${name}: ${error.message}`);
        err.write(helpOf({ command, name }));
      } else {
        const who =
          error.hint === "option" ? `${name}: ${path.length > 1 ? path.at(-1) : name}` : name;
        err.line(`${who}: ${error.message}`);
        if (error.hint === "try") err.line(`Try \`${name} --help' for more information.`);
      }
      return 1;
    }
    if (parent && error.message.startsWith("unrecognized arguments:")) {
      // argparse notices leftover words in the main parser.
      const outer = nameOf(parent.spec, path.slice(0, -1));
      err.line(groupUsage(parent, outer));
      err.line(`${outer}: error: ${error.message}`);
      return 2;
    }
    if (error.hint !== "none") err.line(usageOf({ command, name }));
    err.line(`${dialect === "C" ? name : `flux-${path.join(" ")}`}: error: ${error.message}`);
    return 2;
  }

  #failed(error: unknown, prog: string, dialect: Dialect): number {
    const { err } = this.#host;
    const level = dialect === "A" ? "" : "ERROR: ";
    if (error instanceof NoInstance) {
      const { reason } = error;
      const text =
        dialect === "A"
          ? `flux_open: ${errnoText(reason.errnum)}`
          : `Unable to connect to Flux: ${reason.message}`;
      err.line(`${prog}: ${level}${text}`);
      return 1;
    }
    if (error instanceof CommandError) {
      if (error.message) err.line(`${error.prog ?? prog}: ${level}${error.message}`);
      return error.exitCode;
    }
    // Any other kind, such as TypeError, is a defect.
    if (error instanceof FluxError || (error instanceof Error && error.constructor === Error)) {
      err.line(`${prog}: ${level}${error.message}`);
      return 1;
    }
    throw error;
  }
}

function parse({ spec }: Command, argv: readonly string[]): Parsed {
  const options = spec.options ?? {};
  if (spec.rawArguments) return { ...emptyParsed(options), positionals: [...argv] };
  if (spec.dialect === "A") return parseGetopt(options, argv);
  return parseArgparse(options, argv, {
    stopAtPositional: spec.dialect === "C",
    takesRemainder: spec.takesRemainder ?? false,
    longHelpOnly: spec.longHelpOnly ?? false,
  });
}

function positionalsOf({ spec }: Command, given: readonly string[]): Record<string, unknown> {
  const assigned = assignPositionals(spec.args ?? {}, given);
  if ("values" in assigned) return assigned.values;
  if (spec.dialect === "A") throw new UsageError("", "help");
  if ("extra" in assigned) {
    throw new UsageError(`unrecognized arguments: ${assigned.extra.join(" ")}`);
  }
  throw new UsageError(`the following arguments are required: ${assigned.missing.join(", ")}`);
}

async function loaded(entry: AnyCommand | LazyCommand): Promise<AnyCommand> {
  return entry.kind === "lazy" ? (await entry.load()).default : entry;
}

function wrongChoice(group: Group, given: string | undefined): string {
  if (given === undefined) return "the following arguments are required: subcommand";
  if (given.startsWith("-")) return `unrecognized arguments: ${given}`;
  const names = Object.keys(group.spec.commands).map((name) => `'${name}'`);
  return `argument subcommand: invalid choice: '${given}' (choose from ${names.join(", ")})`;
}

/** How usage errors and the usage itself name a command: `flux-job wait`, `flux submit`. */
function nameOf({ dialect, usageName, builtin }: NamedSpec, path: readonly string[]): string {
  if (usageName !== undefined) return usageName;
  const [first = "", ...rest] = path;
  return [dialect === "C" || builtin ? `flux ${first}` : `flux-${first}`, ...rest].join(" ");
}
