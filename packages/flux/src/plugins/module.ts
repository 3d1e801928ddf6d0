import type { Flux } from "@flux-ts/client/handle";
import type { JsonObject } from "@flux-ts/protocol/schema/json";

/**
 * Where a module runs: `inline` in the broker's event loop, in a `thread`, or in a `process` of its
 * own (RFC 5). The module's code is the same in all three.
 */
export type ModuleHost = "inline" | "thread" | "process";

/** Severity of a log line (RFC 5424): 0 emergency ... 7 debug. */
export type Severity = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** What a broker gives a module it starts (RFC 5 welcome). */
export interface ModuleContext {
  /** Name the module was loaded as: its first service. */
  readonly name: string;
  readonly uuid: string;
  /** The module's connection to its broker, with the owner's credential. */
  readonly flux: Flux;
  readonly args: readonly string[];
  readonly rank: number;
  readonly size: number;
  /** A broker attribute that was immutable when the module started, such as `statedir`. */
  attr(name: string): string | undefined;
  /** The instance's configuration as it is now. */
  readonly config: JsonObject;
  log(severity: Severity, text: string): void;
  /** End the module as failed (RFC 5 EXITED with an errno): for defects and lost prerequisites. */
  fail(error: unknown): void;
  /** End the module in good order, of its own accord: what it serves has gone. */
  leave(): void;
  /** Bits set by `flux module debug`. */
  readonly debugFlags: number;
}

/** A started module. All members are optional: the defaults of wire-broker §5.1 stand in. */
export interface ModuleInstance {
  /** Give up everything held; runs when the module is removed. Requests still open are answered ENOSYS. */
  stop?(): void | Promise<void>;
  /** `NAME.stats-get`, in place of the message counters. */
  stats?(): JsonObject | Promise<JsonObject>;
  statsClear?(): void;
  /** `NAME.config-reload`: throw a FluxError to refuse the new configuration. */
  configReload?(config: JsonObject): void | Promise<void>;
}

export interface ModuleDefinition {
  /** Module name, equal to its folder and its topic prefix. */
  readonly name: string;
  /** Default host. Glue is inline; synchronous I/O and long computations get a thread. */
  readonly host: ModuleHost;
  /** Further service names the module registers before it counts as running. */
  readonly services?: readonly string[];
  /**
   * Start the module: declare methods with `flux.serve`, acquire what it needs. It counts as running,
   * and `flux module load` returns, when this resolves; requests are queued until then.
   */
  start(context: ModuleContext): ModuleInstance | Promise<ModuleInstance>;
}

export function defineModule(definition: ModuleDefinition): ModuleDefinition {
  return definition;
}
