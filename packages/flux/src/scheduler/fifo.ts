import type { JobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { forecast } from "./forecast.ts";
import { type PendingJob, PendingQueue } from "./pending-queue.ts";
import type { ResourcePool } from "./pool.ts";
import { parseRequest, type ResourceRequest } from "./request.ts";
import { writeR } from "./write-r.ts";

/** What is to be answered to a `sched.alloc` request (RFC 27). */
export type AllocAnswer =
  | { readonly do: "success"; readonly id: JobId; readonly R: JsonObject; annotations: JsonObject }
  | { readonly do: "annotate"; readonly id: JobId; readonly annotations: JsonObject }
  | { readonly do: "deny"; readonly id: JobId; readonly note: string }
  | { readonly do: "cancel"; readonly id: JobId };

/** Jobs looked at for an estimate: the others are too far back for it to mean anything. */
const maxForecast = 128;

/**
 * Strict priority-FIFO scheduling: the job at the head of the queue gets resources, or all wait. A
 * pure machine: requests go in, `schedule` and `forecast` say what to answer.
 */
export class FifoScheduler {
  readonly pool: ResourcePool;
  /** The scheduler's own part of R, handed on to every allocation. */
  readonly scheduling: JsonObject | undefined;
  readonly #queue = new PendingQueue();
  /** What changed since the head did not fit, so that it is not tried in vain. */
  #blocked: PendingJob | undefined;

  constructor(pool: ResourcePool, scheduling?: JsonObject) {
    this.pool = pool;
    this.scheduling = scheduling;
  }

  get pending(): number {
    return this.#queue.size;
  }

  /** RFC 27 alloc. Answers at once only if the jobspec cannot be understood. */
  onAlloc(id: JobId, priority: number, jobspec: JsonObject): AllocAnswer[] {
    let request: ResourceRequest;
    try {
      request = parseRequest(jobspec);
    } catch (error) {
      return [{ do: "deny", id, note: `cannot parse jobspec: ${textOf(error)}` }];
    }
    this.#queue.add({ id, priority, request, annotated: new Set(), estimate: null });
    return [];
  }

  onCancel(id: JobId): AllocAnswer[] {
    return this.#queue.remove(id) ? [{ do: "cancel", id }] : [];
  }

  onPrioritize(id: JobId, priority: number): void {
    this.#queue.reprioritize(id, priority);
  }

  /** Something became free, or available: the head of the queue may fit now. */
  onChange(): void {
    this.#blocked = undefined;
  }

  /**
   * Answer as many requests as possible, at most `limit`. `now`: seconds since the epoch. True in
   * `more` if the limit was what ended it.
   */
  schedule(now: number, limit = Infinity): { answers: AllocAnswer[]; more: boolean } {
    const answers: AllocAnswer[] = [];
    for (let job = this.#queue.head; job; job = this.#queue.head) {
      if (job === this.#blocked) break;
      if (answers.length >= limit) return { answers, more: true };
      const answer = this.#try(job, now);
      if (!answer) {
        this.#blocked = job;
        break;
      }
      this.#queue.remove(job.id);
      answers.push(answer);
    }
    return { answers, more: false };
  }

  /** Estimated starts of waiting jobs, where they changed. */
  forecast(now: number): AllocAnswer[] {
    const answers: AllocAnswer[] = [];
    for (const [job, estimate] of forecast(this.pool, this.#queue.first(maxForecast), now)) {
      if (estimate === job.estimate) continue;
      job.estimate = estimate;
      answers.push(this.#annotate(job, { t_estimate: estimate }));
    }
    return answers;
  }

  /** Tell each waiting job how many are ahead: a test aid of flux-core. */
  explain(): AllocAnswer[] {
    return this.#queue
      .first(maxForecast)
      .map((job, ahead) =>
        this.#annotate(job, { reason_pending: "insufficient resources", jobs_ahead: ahead }),
      );
  }

  /** Deny all that wait: a test aid of flux-core. */
  denyAll(note: string): AllocAnswer[] {
    const answers: AllocAnswer[] = [];
    for (let job = this.#queue.head; job; job = this.#queue.head) {
      this.#queue.remove(job.id);
      answers.push({ do: "deny", id: job.id, note });
    }
    return answers;
  }

  #annotate(job: PendingJob, annotations: JsonObject): AllocAnswer {
    for (const key of Object.keys(annotations)) job.annotated.add(key);
    return { do: "annotate", id: job.id, annotations: { sched: annotations } };
  }

  /** Allocate or deny; undefined if the job must wait. */
  #try(job: PendingJob, now: number): AllocAnswer | undefined {
    const { id, request } = job;
    const { expiration } = this.pool;
    const endTime = request.duration > 0 ? now + request.duration : expiration;
    let allocation: ReturnType<ResourcePool["alloc"]>;
    try {
      allocation = this.pool.alloc(id, request, endTime);
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
      return { do: "deny", id, note: error.message };
    }
    if (!allocation) return undefined;
    const { shares, nslots } = allocation;
    const terms = { starttime: now, expiration: endTime, nslots };
    const extras = { scheduling: this.scheduling };
    const { R, summary } = writeR(this.pool.topology, shares, terms, extras);
    const sched: JsonObject = { resource_summary: summary };
    for (const key of job.annotated) sched[key] = null;
    return { do: "success", id, R, annotations: { sched } };
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
