import type { JobId } from "@flux-ts/protocol/job/fluid";
import type { ResourceRequest } from "./request.ts";

/** An allocation request that waits (RFC 27). */
export interface PendingJob {
  readonly id: JobId;
  priority: number;
  readonly request: ResourceRequest;
  /** `sched` annotations made while it waits: the allocation clears them. */
  readonly annotated: Set<string>;
  /** Estimated start as last told, in seconds since the epoch. */
  estimate: number | null;
}

function isBefore(a: PendingJob, b: PendingJob): boolean {
  return a.priority === b.priority ? a.id < b.id : a.priority > b.priority;
}

/**
 * Pending jobs by descending priority, then ascending job id: a binary heap that knows where each
 * job is, so that cancelling or reprioritizing one of a million costs what adding it did.
 */
export class PendingQueue {
  readonly #heap: PendingJob[] = [];
  readonly #places = new Map<JobId, number>();

  get size(): number {
    return this.#heap.length;
  }

  get head(): PendingJob | undefined {
    return this.#heap[0];
  }

  find(id: JobId): PendingJob | undefined {
    const place = this.#places.get(id);
    return place === undefined ? undefined : this.#heap[place];
  }

  /** Add a job; one with the same id is replaced. */
  add(job: PendingJob): void {
    this.remove(job.id);
    this.#heap.push(job);
    this.#rise(this.#heap.length - 1, job);
  }

  remove(id: JobId): PendingJob | undefined {
    const place = this.#places.get(id);
    if (place === undefined) return undefined;
    const job = this.#heap[place];
    const last = this.#heap.pop();
    this.#places.delete(id);
    if (last && last !== job) this.#settle(place, last);
    return job;
  }

  reprioritize(id: JobId, priority: number): void {
    const place = this.#places.get(id);
    const job = place === undefined ? undefined : this.#heap[place];
    if (place === undefined || !job) return;
    job.priority = priority;
    this.#settle(place, job);
  }

  /** The first `count` jobs, in order. */
  first(count: number): PendingJob[] {
    const found: PendingJob[] = [];
    // Places whose parents were taken; the next job is among them.
    const open = this.#heap.length > 0 ? [0] : [];
    while (open.length > 0 && found.length < count) {
      let best = 0;
      for (let i = 1; i < open.length; i++) {
        if (isBefore(this.#heap[open[i]!]!, this.#heap[open[best]!]!)) best = i;
      }
      const [place] = open.splice(best, 1) as [number];
      found.push(this.#heap[place]!);
      for (const child of [2 * place + 1, 2 * place + 2]) {
        if (child < this.#heap.length) open.push(child);
      }
    }
    return found;
  }

  #settle(place: number, job: PendingJob): void {
    this.#rise(this.#sink(place, job), job);
  }

  #rise(from: number, job: PendingJob): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above]!;
      if (!isBefore(job, parent)) break;
      this.#put(place, parent);
      place = above;
    }
    this.#put(place, job);
  }

  #sink(from: number, job: PendingJob): number {
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= this.#heap.length) break;
      const other = child + 1;
      if (other < this.#heap.length && isBefore(this.#heap[other]!, this.#heap[child]!)) {
        child = other;
      }
      const below = this.#heap[child]!;
      if (!isBefore(below, job)) break;
      this.#put(place, below);
      place = child;
    }
    this.#put(place, job);
    return place;
  }

  #put(place: number, job: PendingJob): void {
    this.#heap[place] = job;
    this.#places.set(job.id, place);
  }
}
