import { type JobId, toJobId } from "@flux-ts/protocol/job/fluid";
import { JobState, VirtualState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { applyEvent, type JournalEvent } from "./apply-event.ts";
import { InactiveJobs } from "./inactive-jobs.ts";
import { Job } from "./job.ts";
import type { JobRecord } from "./job-record.ts";
import { JobStats } from "./job-stats.ts";
import { SortedList } from "./sorted-list.ts";

/** Events at which a job can move in or between lists: it is taken out while they are applied. */
const moving = new Set(["validate", "priority", "alloc", "finish", "exception", "clean"]);

/** All jobs, as the journal of the job manager tells of them, in the order of listings (RFC 43). */
export class Jobs {
  /** An active job, or the slot of an inactive one. */
  readonly #index = new Map<JobId, Job | number>();
  readonly #pending = new SortedList<Job>(byPriority);
  readonly #running = new SortedList<Job>(latestStartFirst);
  readonly #inactive = new InactiveJobs();
  readonly stats = new JobStats();

  get pending(): Iterable<JobRecord> & { readonly size: number } {
    return this.#pending;
  }

  get running(): Iterable<JobRecord> & { readonly size: number } {
    return this.#running;
  }

  /** Iteration gives the same object each time, which shows one job after the other. */
  get inactive(): Iterable<JobRecord> & { readonly size: number } {
    return this.#inactive;
  }

  get(id: JobId): JobRecord | undefined {
    const found = this.#index.get(id);
    return typeof found === "number" ? this.#inactive.get(found) : found;
  }

  /**
   * A job had an event. Returns the job if it came into another state. EPROTO, EINVAL: the event is
   * malformed; what could be made of it was.
   */
  onEvent(id: JobId, event: JournalEvent, jobspec?: JsonObject): JobRecord | undefined {
    let job = this.#index.get(id);
    if (typeof job === "number") return undefined;
    if (!job) {
      if (event.name !== "submit") {
        throw new FluxError("ENOENT", `event ${event.name}: job ${id} is not known`);
      }
      job = new Job(id);
      job.jobspec = jobspec;
      this.#index.set(id, job);
    }
    const { state, queue } = job;
    const isMoving = moving.has(event.name);
    if (isMoving) this.#listOf(job)?.delete(job);
    try {
      applyEvent(job, event);
    } finally {
      if (job.state !== state || job.queue !== queue) {
        this.stats.remove({ state, queue, result: undefined });
        this.stats.add(job);
      }
      if (job.state === JobState.INACTIVE) this.#index.set(id, this.#inactive.add(job));
      else if (isMoving) this.#listOf(job)?.add(job);
    }
    return job.state === state ? undefined : job;
  }

  /** The job was refused: its id is not one. */
  onInvalid(id: JobId): void {
    if (typeof this.#index.get(id) === "object") this.#index.delete(id);
  }

  /** Jobs were purged. Returns how many of them were here. */
  onPurge(ids: readonly (bigint | number)[]): number {
    let count = 0;
    for (const each of ids) {
      const id = toJobId(each);
      const slot = this.#index.get(id);
      if (typeof slot !== "number") continue;
      this.stats.purge(this.#inactive.get(slot));
      this.#inactive.delete(slot);
      this.#index.delete(id);
      count++;
    }
    return count;
  }

  #listOf({ state }: Job): SortedList<Job> | undefined {
    if (state & VirtualState.PENDING) return this.#pending;
    return state & VirtualState.RUNNING ? this.#running : undefined;
  }
}

function byPriority(a: Job, b: Job): number {
  return b.priority - a.priority || compareIds(a.id, b.id);
}

function latestStartFirst(a: Job, b: Job): number {
  return b.tRun - a.tRun || compareIds(b.id, a.id);
}

function compareIds(a: JobId, b: JobId): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
