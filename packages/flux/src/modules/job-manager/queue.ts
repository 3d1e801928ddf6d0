import type { ResponseOf } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { jobManager } from "@flux-ts/protocol/services/job-manager";

type QueueStatus = ResponseOf<(typeof jobManager)["queueStatus"]>;

/** A job queue (RFC 33): whether it takes jobs, and whether its jobs may be scheduled. */
export class Queue {
  /** Undefined: the anonymous queue. */
  readonly name: string | undefined;
  /** Resource properties that its jobs are bound to. */
  requires: readonly string[] | undefined;
  isEnabled = true;
  disableReason: string | undefined;
  isStarted: boolean;
  /** What a restart brings back: as isStarted, unless the change was not to be kept. */
  #isStartedAfterRestart: boolean;
  stopReason: string | undefined;

  constructor(name: string | undefined, requires?: readonly string[]) {
    this.name = name;
    this.requires = requires;
    // RFC 33 leaves it open; named queues wait for the administrator.
    this.isStarted = name === undefined;
    this.#isStartedAfterRestart = this.isStarted;
  }

  enable(): void {
    this.isEnabled = true;
    this.disableReason = undefined;
  }

  disable(reason: string | undefined): void {
    this.isEnabled = false;
    this.disableReason = reason;
  }

  start({ isKept }: { isKept: boolean }): void {
    this.isStarted = true;
    if (isKept) this.#isStartedAfterRestart = true;
    this.stopReason = undefined;
  }

  stop(reason: string | undefined, { isKept }: { isKept: boolean }): void {
    this.isStarted = false;
    if (isKept) this.#isStartedAfterRestart = false;
    this.stopReason = reason;
  }

  /** `job-manager.queue-status`. Without a scheduler no queue is started, whatever was asked for. */
  status(isSchedulerOnline: boolean): QueueStatus {
    const isStarted = this.isStarted && isSchedulerOnline;
    const stopReason = isSchedulerOnline ? this.stopReason : "Scheduler is offline";
    return {
      enable: this.isEnabled,
      start: isStarted,
      ...(!this.isEnabled &&
        this.disableReason !== undefined && {
          disable_reason: this.disableReason,
        }),
      ...(!isStarted && stopReason !== undefined && { stop_reason: stopReason }),
    };
  }

  /** Its part of the checkpoint. */
  save(): JsonObject {
    const isStarted = this.#isStartedAfterRestart;
    return {
      ...(this.name !== undefined && { name: this.name }),
      enable: this.isEnabled,
      ...(!this.isEnabled && { disable_reason: this.disableReason ?? "" }),
      start: isStarted,
      ...(!isStarted && this.stopReason !== undefined && { stop_reason: this.stopReason }),
    };
  }
}
