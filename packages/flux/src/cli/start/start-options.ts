import type { Environment } from "../environment.ts";
import type { Output } from "../output/output.ts";
import type { System } from "../system.ts";
import type { BrokerArguments } from "./broker-arguments.ts";

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

export interface StartOptions extends Omit<BrokerArguments, "recovery"> {
  /** Empty: the system instance's state directory. */
  readonly recovery: string | undefined;
  readonly sysconfig: boolean;
  readonly verbose: number;
  readonly noexec: boolean;
  readonly wrap: readonly string[];
  readonly testSize: number | undefined;
  readonly testHosts: string | undefined;
  readonly testExitTimeout: number | undefined;
  readonly testExitMode: "any" | "leader" | undefined;
  readonly testStartMode: "all" | "leader" | undefined;
  readonly testRundir: string | undefined;
  readonly testRundirCleanup: boolean;
  readonly testPmiClique: string | undefined;
  readonly killerTimeout: number | undefined;
}
