import type { JobId } from "@flux-ts/protocol/job/fluid";
import { isSignaled, statusText } from "@flux-ts/protocol/job/wait-status";
import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { parseR, toR } from "@flux-ts/protocol/resource/resource-set-json";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { Idset } from "@flux-ts/protocol/text/idset";
import { type HousekeepingSettings, housekeepingSettings } from "./housekeeping-settings.ts";
import type { Job } from "./job.ts";
import type { Manager } from "./manager.ts";
import type { RankCommand } from "./rank-command.ts";

const SIGTERM = 15;

/** Resources of a job that has ended, on their way back to the scheduler. */
interface Held {
  readonly job: Pick<Job, "id" | "userid" | "priority" | "tSubmit">;
  /** All that the job had. */
  readonly all: ResourceSet;
  /** What is not given back yet. */
  resources: ResourceSet;
  /** Ranks where the command is not through. */
  pending: Idset;
  /** Ranks that were given back. */
  freed: Idset;
  readonly startTime: number;
  readonly command: RankCommand;
  hasTimer: boolean;
  isTimeUp: boolean;
}

/** What `sched-hello` says of resources that are still held here. */
export interface HeldJob {
  readonly id: JobId;
  readonly userid: number;
  readonly priority: number;
  readonly t_submit: number;
  readonly free?: string;
}

/**
 * What is done with the resources of a job between its end and the scheduler: a command on each rank, as
 * `job-manager.housekeeping` says. Without that they are free at once. The job itself is inactive by then.
 */
export class Housekeeping {
  readonly #manager: Manager;
  readonly #held = new Map<JobId, Held>();
  #settings: HousekeepingSettings | undefined;

  constructor(manager: Manager) {
    this.#manager = manager;
  }

  /** EINVAL saying what is wrong with the configuration. */
  configure(config: JsonObject): void {
    this.#settings = housekeepingSettings(config);
    if (this.#settings?.isUnitAsked) {
      const text = "job-manager.housekeeping.use-systemd-unit is deprecated - ignoring";
      this.#manager.log(3, text);
    }
    const not = this.#settings ? "" : "not ";
    this.#manager.log(7, `housekeeping is ${not}configured`);
  }

  start(job: Job, R: JsonObject): void {
    if (!this.#settings) {
      this.#manager.alloc.free(job.id, R, true);
      return;
    }
    const { id, userid, priority, tSubmit } = job;
    const resources = parseR(R);
    const { ranks } = resources;
    const command: RankCommand = {
      cmdline: this.#settings.command,
      env: { FLUX_JOB_ID: `${id}`, FLUX_JOB_USERID: `${userid}`, FLUX_JOB_RANKS: `${ranks}` },
      ranks: [...ranks],
      onOutput: (rank, stream, line) => {
        this.#report(held, rank, stream === "stderr" ? 3 : 6, line);
      },
      onExit: (rank, status) => {
        this.#finish(held, rank);
        if (status !== 0) this.#report(held, rank, 3, failureOf(status));
      },
      onFailed: (rank, error) => {
        this.#report(held, rank, 3, error.message);
        this.#finish(held, rank);
      },
    };
    const held: Held = {
      job: { id, userid, priority, tSubmit },
      all: resources,
      resources,
      pending: ranks,
      freed: new Idset(),
      startTime: this.#manager.now,
      command,
      hasTimer: false,
      isTimeUp: false,
    };
    this.#held.set(id, held);
    this.#manager.log(7, `housekeeping: ${this.#manager.jobName(id)} started`);
    this.#manager.effects.push({ do: "run", command });
  }

  #report({ job, all }: Held, rank: number, severity: 3 | 6, text: string): void {
    const host = all.node(rank)?.hostname ?? "?";
    this.#manager.log(
      severity,
      `housekeeping: ${host} (rank ${rank}) ${this.#manager.jobName(job.id)}: ${text}`,
    );
  }

  #finish(held: Held, rank: number): void {
    const { id } = held.job;
    if (this.#held.get(id) !== held || !held.pending.has(rank)) return;
    const { releaseAfter = Number.POSITIVE_INFINITY } = this.#settings ?? {};
    held.pending = held.pending.subtract(Idset.from([rank]));
    if (held.pending.size === 0 || releaseAfter === 0 || held.isTimeUp) this.#release(held);
    if (held.pending.size === 0) {
      this.#held.delete(id);
      this.#manager.log(7, `housekeeping: ${this.#manager.jobName(id)} complete`);
    } else if (!held.hasTimer && releaseAfter > 0 && Number.isFinite(releaseAfter)) {
      held.hasTimer = true;
      this.#manager.deadlines.add(this.#manager.now + releaseAfter, () => {
        held.isTimeUp = true;
        if (this.#held.get(id) === held) this.#release(held);
      });
    }
  }

  /** Give back what the command is through with. */
  #release(held: Held): void {
    const done = held.resources.ranks.subtract(held.pending);
    if (done.size === 0) return;
    const R = toR(held.resources.copyRanks(done));
    held.resources = held.resources.copyRanks(held.pending);
    held.freed = held.freed.union(done);
    this.#manager.alloc.free(held.job.id, R, held.pending.size === 0);
  }

  /** A scheduler starts: what it has to take for allocated although the jobs are over. */
  *hello(partialOk: boolean): IterableIterator<HeldJob> {
    for (const held of [...this.#held.values()]) {
      const { id, userid, priority, tSubmit: t_submit } = held.job;
      const isPartial = held.freed.size > 0;
      if (isPartial && !partialOk) this.#giveUp(held);
      else yield { id, userid, priority, t_submit, ...(isPartial && { free: `${held.freed}` }) };
    }
  }

  #giveUp(held: Held): void {
    const ranks = [...held.pending];
    this.#manager.log(
      3,
      `housekeeping: ${held.all.copyRanks(held.pending).nodelist() ?? "?"} (rank ${held.pending}) from` +
        ` ${this.#manager.jobName(held.job.id)} will be terminated because scheduler does not support restart` +
        " with partially released resources",
    );
    this.#manager.effects.push({ do: "signal", command: held.command, ranks, signum: SIGTERM });
    this.#held.delete(held.job.id);
  }

  /** `job-manager.housekeeping-kill`. Undefined: all of them. */
  kill(signum: number, id: JobId | undefined, ranks: Idset | undefined): void {
    for (const { job, command, pending } of this.#held.values()) {
      if (id !== undefined && job.id !== id) continue;
      const targets = ranks ? pending.intersect(ranks) : pending;
      this.#manager.effects.push({ do: "signal", command, ranks: [...targets], signum });
    }
  }

  /** Resources that are held here, with their jobs. */
  *resources(): IterableIterator<[JobId, ResourceSet]> {
    for (const { job, resources } of this.#held.values()) yield [job.id, resources];
  }

  /** Its part of `job-manager.stats-get`. */
  stats(): JsonObject {
    const running: JsonObject = {};
    for (const { job, startTime, pending, resources } of this.#held.values()) {
      const ranks = { pending: `${pending}`, allocated: `${resources.ranks}` };
      running[this.#manager.jobName(job.id)] = { t_start: startTime, ...ranks };
    }
    const { command = [], releaseAfter = -1 } = this.#settings ?? {};
    return { running, config: { "release-after": releaseAfter, command: command.join(" ") } };
  }
}

function failureOf(status: number): string {
  return isSignaled(status) ? statusText(status) : "nonzero exit code";
}
