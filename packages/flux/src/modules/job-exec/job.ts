import type { JobId } from "@flux-ts/protocol/job/fluid";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { Idset } from "@flux-ts/protocol/text/idset";
import { ShellBarrier } from "./barrier.ts";
import type { TestExec } from "./testexec.ts";

/** An entry for the job's exec eventlog (RFC 50). */
export interface ExecEvent {
  readonly name: string;
  readonly context?: JsonObject;
}

export type JobPhase = "starting" | "running" | "finishing" | "done";

export interface JobSetup {
  readonly id: JobId;
  readonly userid: number;
  readonly jobspec: JsonObject;
  readonly R: JsonObject;
  /** Broker ranks of R, in order: the shell ranks are their indices. */
  readonly ranks: readonly number[];
  readonly hosts: readonly string[];
  readonly test: TestExec | undefined;
}

/**
 * A job while it is executed: which of its shells run, and with what status it will end. `Waiter` is
 * a barrier request.
 */
export class ExecJob<Waiter> {
  readonly setup: JobSetup;
  readonly barrier: ShellBarrier<Waiter>;
  phase: JobPhase = "starting";
  /** Broker ranks whose shell has started, and of those that have not ended. */
  readonly started = new Set<number>();
  readonly active = new Set<number>();
  /** Shell ranks the job cannot do without; all, unless a nested instance says otherwise. */
  critical: Idset;
  /** A shell has ended, or could not be started. */
  hasLostShell = false;
  /** Largest wait status of the shells. */
  #status = 0;
  /** A fatal exception was raised. */
  hasException = false;
  #exceptionStatus: number | undefined;

  constructor(setup: JobSetup) {
    this.setup = setup;
    this.barrier = new ShellBarrier(setup.ranks.length);
    this.critical = setup.ranks.length > 0 ? Idset.range(0, setup.ranks.length - 1) : new Idset();
  }

  get id(): JobId {
    return this.setup.id;
  }

  shellRank(rank: number): number {
    return this.setup.ranks.indexOf(rank);
  }

  hostOf(rank: number): string {
    return this.setup.hosts[this.shellRank(rank)] ?? `rank ${rank}`;
  }

  /** A shell has started. True if it was the last one to. */
  onStarted(rank: number): boolean {
    this.started.add(rank);
    this.active.add(rank);
    return this.started.size === this.setup.ranks.length;
  }

  /** A shell has ended. Returns the events this is worth. */
  onShellExit(rank: number, waitStatus: number): ExecEvent[] {
    this.active.delete(rank);
    this.hasLostShell = true;
    if (waitStatus > this.#status) this.#status = waitStatus;
    if (this.shellRank(rank) !== 0) return [];
    const active = this.active.size > 0 ? Idset.from(this.active).encode() : undefined;
    const context = { rank, wait_status: waitStatus, ...(active && { active_ranks: active }) };
    return [{ name: "shell-exit", context }];
  }

  /** A fatal exception; `waitStatus` overrides the status the job will finish with. */
  onException(waitStatus: number | undefined): void {
    this.hasException = true;
    this.#exceptionStatus ??= waitStatus;
  }

  /** A shell is gone without a status of its own. */
  raiseStatus(waitStatus: number): void {
    if (waitStatus > this.#status) this.#status = waitStatus;
  }

  /** The job's status: that of its worst shell; after an exception never success. */
  get status(): number {
    if (this.#exceptionStatus !== undefined) return this.#exceptionStatus;
    return this.hasException && this.#status === 0 ? 1 << 8 : this.#status;
  }
}
