import { isErrno } from "@flux-ts/protocol/rpc/error";
import type { PendingJob } from "./pending-queue.ts";
import type { ResourcePool } from "./pool.ts";

/**
 * Estimate when pending jobs will start, given as they stand in the queue: play the ends of the
 * running jobs forward on a copy of the pool. A job starts no earlier than the one before it, and
 * nothing can be said beyond one that never ends. Null: no estimate.
 */
export function forecast(
  pool: ResourcePool,
  jobs: readonly PendingJob[],
  now: number,
): Map<PendingJob, number | null> {
  const estimates = new Map<PendingJob, number | null>();
  const future = new Future(pool, now);
  let blocked = false;
  for (const job of jobs) {
    const start = blocked ? undefined : future.start(job);
    // One that can never run will be denied, so it delays nobody.
    if (start === "never") {
      estimates.set(job, null);
      continue;
    }
    estimates.set(job, start === undefined ? null : Math.max(start, now));
    if (start === undefined || job.request.duration <= 0) blocked = true;
  }
  return estimates;
}

/** The pool as it will be. Time only goes forward, from before any end, since jobs may be overdue. */
class Future {
  readonly #pool: ResourcePool;
  readonly #now: number;
  #time = 0;

  constructor(pool: ResourcePool, now: number) {
    this.#pool = pool.copy();
    this.#now = now;
  }

  /** Start a job as early as possible and say when. Undefined: at no known time. */
  start({ id, request }: PendingJob): number | "never" | undefined {
    for (;;) {
      const allocation = this.#alloc(id, request);
      if (allocation === "never") return "never";
      if (allocation) return this.#time;
      const next = this.#nextEnd();
      if (next === undefined) return undefined;
      this.#time = next;
      for (const [running, { endTime }] of this.#pool.jobs) {
        if (endTime > 0 && endTime <= next) this.#pool.free(running);
      }
    }
  }

  #alloc(id: PendingJob["id"], request: PendingJob["request"]) {
    const endTime = request.duration > 0 ? Math.max(this.#time, this.#now) + request.duration : 0;
    try {
      return this.#pool.alloc(id, request, endTime);
    } catch (error) {
      if (isErrno(error, "EOVERFLOW") || isErrno(error, "EINVAL")) return "never";
      throw error;
    }
  }

  #nextEnd(): number | undefined {
    let next: number | undefined;
    for (const { endTime } of this.#pool.jobs.values()) {
      if (endTime > this.#time && (next === undefined || endTime < next)) next = endTime;
    }
    return next;
  }
}
