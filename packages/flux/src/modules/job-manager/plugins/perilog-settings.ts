import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import { parseDuration } from "@flux-ts/protocol/text/duration";
import { stringArray } from "../housekeeping-settings.ts";

/** The `job-manager.prolog` or `job-manager.epilog` table. */
export interface PerilogCommand {
  readonly cmdline: readonly string[];
  /** Seconds; 0: none. */
  readonly timeout: number;
  /** Seconds from SIGTERM until the ranks where it still runs are given up. */
  readonly killTimeout: number;
  /** On each rank of the job, not on rank 0 alone. */
  readonly isPerRank: boolean;
  /** A fatal exception of the job ends it. */
  readonly isCanceledByException: boolean;
}

export interface PerilogSettings {
  readonly prolog?: PerilogCommand;
  readonly epilog?: PerilogCommand;
  /** Lines of output that are not logged. */
  readonly logIgnore: readonly RegExp[];
}

const defaultKillTimeout = 60;

/** The keys of a table, with what they have to be. */
const keys: Readonly<Record<string, (value: Json) => boolean>> = {
  command: () => true,
  timeout: (value) => typeof value === "string",
  "kill-timeout": (value) => typeof value === "number",
  "per-rank": (value) => typeof value === "boolean",
  "cancel-on-exception": (value) => typeof value === "boolean",
  // For the script that runs the site's scripts; it reads it itself.
  "exit-on-first-error": (value) => typeof value === "boolean",
};

/** EINVAL saying which table is wrong and why. */
export function perilogSettings(config: JsonObject): PerilogSettings {
  const { prolog, epilog, perilog } = tableAt(config, "job-manager");
  const { imp } = tableAt(config, "exec");
  const impPath = typeof imp === "string" ? imp : undefined;
  return {
    ...(prolog !== undefined && { prolog: commandOf("prolog", prolog, impPath) }),
    ...(epilog !== undefined && { epilog: commandOf("epilog", epilog, impPath) }),
    logIgnore: patternsOf(isJsonObject(perilog) ? perilog["log-ignore"] : undefined),
  };
}

function commandOf(
  name: "prolog" | "epilog",
  table: Json,
  imp: string | undefined,
): PerilogCommand {
  const refuse = (text: string): FluxError =>
    new FluxError("EINVAL", `[job-manager.${name}]: ${text}`);
  if (!isJsonObject(table)) throw refuse("must be a table");
  for (const [key, value] of Object.entries(table)) {
    if (value !== undefined && keys[key]?.(value) === false)
      throw refuse(`${key} has the wrong type`);
  }
  const unknown = Object.keys(table).filter((key) => !Object.hasOwn(keys, key));
  if (unknown.length > 0) {
    throw refuse(`${unknown.length} object item(s) left unpacked: ${unknown.join(", ")}`);
  }
  const { command, timeout, "kill-timeout": killTimeout } = table;
  if (command !== undefined && !Array.isArray(command)) throw refuse("command must be an array");
  const cmdline = command === undefined ? imp && [imp, "run", name] : stringArray(command);
  if (!cmdline) {
    const isMissing = command === undefined;
    const missing = "no command specified and exec.imp not defined";
    throw refuse(isMissing ? missing : `malformed ${name} command`);
  }
  const isPositive = typeof killTimeout === "number" && killTimeout > 0;
  const isCanceled = table["cancel-on-exception"] ?? name === "prolog";
  return {
    cmdline,
    timeout: timeoutOf(timeout ?? (name === "prolog" ? "30m" : "0"), () =>
      refuse(`invalid ${name} timeout`),
    ),
    killTimeout: isPositive ? killTimeout : defaultKillTimeout,
    isPerRank: table["per-rank"] === true,
    isCanceledByException: isCanceled === true,
  };
}

function timeoutOf(text: Json, refuse: () => FluxError): number {
  try {
    const seconds = parseDuration(String(text));
    return Number.isFinite(seconds) ? seconds : 0;
  } catch {
    throw refuse();
  }
}

/** Empty lines are never logged. */
function patternsOf(patterns: Json | undefined): RegExp[] {
  const refuse = (text: string): FluxError =>
    new FluxError("EINVAL", `[job-manager.perilog]: error parsing log-ignore: ${text}`);
  if (patterns === undefined) return [/^\s*$/];
  if (!Array.isArray(patterns)) throw refuse("not an array");
  const compiled = patterns.map((pattern) => {
    if (typeof pattern !== "string") throw refuse("all entries must be a string value");
    try {
      return new RegExp(pattern);
    } catch {
      throw refuse(`failed to compile regex: ${pattern}`);
    }
  });
  return [/^\s*$/, ...compiled];
}

function tableAt(config: JsonObject, name: string): JsonObject {
  const table = config[name];
  return isJsonObject(table) ? table : {};
}
