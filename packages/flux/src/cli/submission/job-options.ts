import { readFileSync } from "node:fs";
import { parseConstraintSyntax, requiresSyntax } from "@flux-ts/protocol/job/constraint-syntax";
import { parseDependency, parseSchemeValue } from "@flux-ts/protocol/job/dependency";
import type { JobOptions } from "@flux-ts/protocol/job/from-command";
import { type Jobspec, setAttribute, setShellOption } from "@flux-ts/protocol/job/jobspec";
import { parseSignal } from "@flux-ts/protocol/job/signal";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { parseDuration } from "@flux-ts/protocol/text/duration";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { Context, Occurrence } from "../command.ts";
import { parseDateTime } from "../datetime.ts";
import type { Environment } from "../environment.ts";
import type { Output } from "../output/output.ts";
import { CommandError } from "../usage-error.ts";
import { applyRules, type Variables } from "./environment-rules.ts";
import { addNamedFile, parseKeyValue } from "./key-values.ts";
import type { CommonOptions } from "./options.ts";
import { applyRlimitRules, parseLimits } from "./rlimits.ts";

type AnyContext = Context<unknown, unknown>;

/** Where a submission takes place. */
export interface Caller {
  readonly env: Environment;
  readonly err: Output;
  /** Soft limit of open files before Node raised it, as ulimit(1) prints it. */
  readonly openFiles: string | undefined;
  cwd(): string;
}

/** A command's surroundings as those of a submission. */
export function callerOf({ env, err, system }: Pick<AnyContext, "env" | "err" | "system">): Caller {
  return { env, err, openFiles: system.openFiles, cwd: () => system.cwd() };
}

/** The options that a jobspec is made with (the others are applied to it later). */
export function jobOptionsOf(
  options: CommonOptions,
  occurrences: readonly Occurrence[],
  caller: Caller,
): JobOptions {
  const variables = Object.fromEntries(
    Object.entries(caller.env).filter(([, value]) => value !== undefined),
  ) as Variables;
  const { environment, templates } = applyRules(
    environmentRules(options, occurrences),
    variables,
    (path) => readFileSync(path, "utf8"),
  );
  return {
    duration: options.timeLimit === undefined ? undefined : timeLimit(options.timeLimit),
    environment,
    environmentTemplates: templates,
    cwd: options.cwd ?? caller.cwd(),
    name: options.jobName,
    queue: options.queue,
    bank: options.bank,
    rlimits: applyRlimitRules(options.rlimit, currentLimits(caller.openFiles)),
    input: options.input === undefined || isIdset(options.input) ? undefined : options.input,
    output: options.output,
    error: options.error,
    labelIo: options.labelIo,
    unbuffered: options.unbuffered,
  };
}

/** Rules of --env, --env-remove and --env-file in the order of the command line. */
function environmentRules(options: CommonOptions, occurrences: readonly Occurrence[]): string[] {
  // Values may have been changed since (bulksubmit): take them from the options, one after the other.
  const left = {
    env: [...options.env],
    envRemove: options.envRemove.map((pattern) => `-${pattern}`),
    envFile: options.envFile.map((path) => `^${path}`),
  };
  return occurrences.flatMap(({ key }) => {
    if (key !== "env" && key !== "envRemove" && key !== "envFile") return [];
    return left[key].splice(0, 1);
  });
}

/** Node raises the limit of open files for itself; the launcher tells what it was. */
function currentLimits(openFiles: string | undefined): ReturnType<typeof parseLimits> {
  const limits = parseLimits(readFileSync("/proc/self/limits", "utf8"));
  if (openFiles !== undefined) {
    limits.nofile = openFiles === "unlimited" ? -1 : Number(openFiles);
  }
  return limits;
}

/** Minutes without a unit, else RFC 23. Seconds. */
function timeLimit(text: string): number {
  const isNumber = /^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(text);
  if (isNumber) return Number(text) * 60;
  return fsd(text);
}

function fsd(text: string): number {
  try {
    return parseDuration(text);
  } catch {
    throw new CommandError("invalid Flux standard duration");
  }
}

export function isIdset(text: string): boolean {
  try {
    Idset.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Apply what was said on the command line about a job, after its jobspec was made. */
export function applyJobOptions(
  jobspec: Jobspec,
  options: CommonOptions & { readonly taskmap?: string | undefined },
  caller: Caller,
): void {
  if (options.signal !== undefined) setShellOption(jobspec, "signal", signalOf(options.signal));
  if (options.taskmap !== undefined) {
    setShellOption(jobspec, "taskmap", parseSchemeValue(options.taskmap, "taskmap"));
  }
  const dependencies = [...options.dependency, ...options.beginTime.map(beginTime)];
  if (dependencies.length > 0) {
    setAttribute(
      jobspec,
      "dependencies",
      dependencies.map((uri) => dependency(uri, caller.err)),
    );
  }
  if (options.requires.length > 0) {
    setAttribute(jobspec, "constraints", constraint(options.requires.join(" ")));
  }
  for (const text of options.setopt) {
    const { key, value } = parseKeyValue("--setopt", text);
    setShellOption(jobspec, key, value);
  }
  for (const text of options.setattr) {
    const { key, value } = parseKeyValue("--setattr", text);
    setAttribute(jobspec, key, value);
  }
  for (const file of options.addFile) addNamedFile(jobspec, file);
  if (options.debugEmulate) setShellOption(jobspec, "stop-tasks-in-exec", 1);
}

function signalOf(text: string): { signum: number; timeleft: number } {
  const [, name = "", time = ""] = /^([^@]*)(?:@(.*))?$/s.exec(text) ?? [];
  try {
    return {
      signum: parseSignal(name || "SIGUSR1"),
      timeleft: time === "" ? 60 : parseDuration(time),
    };
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(`--signal=${text}: ${error.message}`);
  }
}

function beginTime(text: string): string {
  const seconds = parseDateTime(text, Date.now() / 1000);
  if (seconds === undefined) throw new CommandError(`Invalid datetime: "${text}"`);
  return `begin-time:${Number.isInteger(seconds) ? seconds.toFixed(1) : seconds}`;
}

function dependency(uri: string, err: Output) {
  const parsed = parseDependency(uri);
  if (parsed.scheme === "after") {
    err.line("dependency scheme 'after' is deprecated, use 'afterstart'");
  }
  return parsed;
}

function constraint(text: string) {
  try {
    return parseConstraintSyntax(text, requiresSyntax);
  } catch (error) {
    throw new CommandError(`--requires='${text}': ${(error as Error).message}`);
  }
}
