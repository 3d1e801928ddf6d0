import { JobResult, JobState, stateName } from "@flux-ts/protocol/job/states";
import type { ResponseOf } from "@flux-ts/protocol/rpc/method";
import { isJsonObject, type Json } from "@flux-ts/protocol/schema/json";
import type { jobList } from "@flux-ts/protocol/services/job-list";
import type { JobRecord } from "./job-record.ts";

export type StatsResponse = ResponseOf<(typeof jobList)["jobStats"]>;

/** What of a job is counted. */
export type Counted = Pick<JobRecord, "state" | "queue" | "result">;

const stateKeys = new Map(
  Object.values(JobState).map((state) => [state, stateName(state).toLowerCase()]),
);
const resultKeys = new Map([
  [JobResult.COMPLETED, "successful"],
  [JobResult.FAILED, "failed"],
  [JobResult.CANCELED, "canceled"],
  [JobResult.TIMEOUT, "timeout"],
] as const);

/** Numbers of jobs by state and result; jobs in NEW do not count. */
class Counts {
  readonly #states = new Map<string, number>();
  readonly #results = { successful: 0, failed: 0, canceled: 0, timeout: 0 };
  purged = 0;

  constructor() {
    for (const [state, key] of stateKeys) if (state !== JobState.NEW) this.#states.set(key, 0);
  }

  add({ state, result }: Counted, by: 1 | -1): void {
    const key = stateKeys.get(state) ?? "";
    this.#states.set(key, (this.#states.get(key) ?? 0) + by);
    const resultKey = state === JobState.INACTIVE && result && resultKeys.get(result);
    if (resultKey) this.#results[resultKey] += by;
  }

  toJson() {
    let total = 0;
    for (const count of this.#states.values()) total += count;
    return {
      job_states: { ...Object.fromEntries(this.#states), total },
      ...this.#results,
      inactive_purged: this.purged,
    };
  }
}

/** Numbers of jobs of the instance, and of each queue (RFC 33). */
export class JobStats {
  readonly #all = new Counts();
  readonly #queues = new Map<string, Counts>();

  /** Show the configured queues before they have jobs. */
  addQueues(queues: Json | undefined): void {
    if (isJsonObject(queues)) for (const name of Object.keys(queues)) this.#queue(name);
  }

  add(job: Counted): void {
    this.#count(job, 1);
  }

  remove(job: Counted): void {
    this.#count(job, -1);
  }

  /** An inactive job is forgotten. */
  purge(job: Counted): void {
    this.remove(job);
    this.#all.purged++;
    if (job.queue !== undefined) this.#queue(job.queue).purged++;
  }

  toJson(): StatsResponse {
    const queues = [...this.#queues].map(([name, counts]) => ({ ...counts.toJson(), name }));
    return { ...this.#all.toJson(), queues };
  }

  #count(job: Counted, by: 1 | -1): void {
    if (job.state === JobState.NEW) return;
    this.#all.add(job, by);
    if (job.queue !== undefined) this.#queue(job.queue).add(job, by);
  }

  #queue(name: string): Counts {
    let counts = this.#queues.get(name);
    if (!counts) {
      counts = new Counts();
      this.#queues.set(name, counts);
    }
    return counts;
  }
}
