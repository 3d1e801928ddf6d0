import { parseDuration } from "@flux-ts/protocol/text/duration";
import type { Environment } from "../environment.ts";
import { counter, flag, list, type OptionValues, text, value } from "../option.ts";
import type { Output } from "../output/output.ts";
import type { System } from "../system.ts";
import { UsageError } from "../usage-error.ts";

/** The options of `flux start`. */
export const startOptions = {
  setattr: list("-S, --setattr=ATTR=VAL", "Set broker attribute", { separator: "," }),
  configPath: text("-c, --config-path=PATH", "Set broker config from PATH (default: none)"),
  conf: list("--conf=VALUE", "Update broker config from VALUE"),
  recovery: text(
    "-r, --recovery[=TARGET]",
    "Start instance in recovery mode with dump file or statedir",
  ),
  sysconfig: flag("--sysconfig", "Load system configuration"),
  verbose: counter("-v, --verbose[=LEVEL]", "Be annoyingly informative by degrees"),
  noexec: flag("-X, --noexec", "Don't execute (useful with -v, --verbose)"),
  brokerOpts: list("-o, --broker-opts=OPTS", 'Add comma-separated broker options, e.g. "-o,-v"', {
    separator: ",",
  }),
  wrap: list("--wrap=ARGS,...", "Wrap broker execution in comma-separated arguments", {
    separator: ",",
  }),
  testSize: value(
    "-s, --test-size=N",
    "Start a test instance by launching N brokers locally",
    size,
  ),
  testHosts: text("--test-hosts=HOSTLIST", "Set fake hostnames for brokers"),
  testExitTimeout: value(
    "--test-exit-timeout=FSD",
    "After a broker exits, kill other brokers after timeout",
    parseDuration,
  ),
  testExitMode: value(
    "--test-exit-mode=any|leader",
    "Trigger exit timer on leader/any broker exit (default=any)",
    oneOf("--test-exit-mode", "any", "leader"),
  ),
  testStartMode: value(
    "--test-start-mode=all|leader",
    "Start all brokers immediately or just leader (default=all)",
    oneOf("--test-start-mode", "all", "leader"),
  ),
  testRundir: text("--test-rundir=DIR", "Use DIR as broker run directory"),
  testRundirCleanup: flag(
    "--test-rundir-cleanup",
    "Clean up --test-rundir DIR upon flux-start completion",
  ),
  testPmiClique: text(
    "--test-pmi-clique=single|per-broker|none|TASKMAP",
    "Set PMI_process_mapping mode (default=single)",
  ),
  killerTimeout: value("--killer-timeout=FSD", "(deprecated)", parseDuration, { hidden: true }),
};
export type StartOptions = OptionValues<typeof startOptions>;

/** What `flux start` was asked for, and what it may touch. */
export interface StartRequest {
  readonly options: StartOptions;
  /** The initial program; empty for an interactive shell. */
  readonly command: readonly string[];
  readonly env: Environment;
  readonly system: System;
  readonly err: Output;
  warn(text: string): void;
  error(text: string): void;
}

function size(given: string): number {
  const number = Number(given);
  if (/^\d{1,6}$/.test(given) && number > 0) return number;
  throw new UsageError("--test-size argument must be > 0", "none");
}

function oneOf<const T extends string>(option: string, ...values: T[]): (given: string) => T {
  return (given) => {
    const chosen = values.find((candidate) => candidate === given);
    if (chosen === undefined) throw new UsageError(`unknown ${option}: ${given}`, "none");
    return chosen;
  };
}
