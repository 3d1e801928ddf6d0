import type { Job } from "./job.ts";

interface Entry {
  readonly job: Job;
  /** As it was when the job went in, so that the entry is found although the job's has changed. */
  readonly priority: number;
}

/** Entries in one chunk before it is split. */
const maxChunk = 512;

/**
 * Jobs by priority, highest first, then by job id (RFC 27: priority, submit order). Sorted chunks, so
 * that a hundred thousand waiting jobs cost a few binary searches and no long moves.
 */
export class JobQueue implements Iterable<Job> {
  readonly #chunks: Entry[][] = [];
  readonly #entries = new Map<Job, Entry>();

  get size(): number {
    return this.#entries.size;
  }

  has(job: Job): boolean {
    return this.#entries.has(job);
  }

  get first(): Job | undefined {
    return this.#chunks[0]?.[0]?.job;
  }

  insert(job: Job): void {
    if (this.#entries.has(job)) return;
    const entry = { job, priority: job.priority };
    this.#entries.set(job, entry);
    const at = this.#chunkOf(entry);
    const chunk = this.#chunks[at];
    if (!chunk) {
      this.#chunks.push([entry]);
      return;
    }
    chunk.splice(lowerBound(chunk, entry), 0, entry);
    if (chunk.length > maxChunk) this.#chunks.splice(at + 1, 0, chunk.splice(maxChunk / 2));
  }

  delete(job: Job): boolean {
    const entry = this.#entries.get(job);
    if (!entry) return false;
    this.#entries.delete(job);
    const at = this.#chunkOf(entry);
    const chunk = this.#chunks[at]!;
    chunk.splice(lowerBound(chunk, entry), 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
    return true;
  }

  /** Put a job where its present priority belongs. */
  reorder(job: Job): void {
    const entry = this.#entries.get(job);
    if (!entry || entry.priority === job.priority) return;
    this.delete(job);
    this.insert(job);
  }

  *[Symbol.iterator](): IterableIterator<Job> {
    for (const chunk of this.#chunks) for (const { job } of chunk) yield job;
  }

  /** From the last one to the first. */
  *reversed(): IterableIterator<Job> {
    for (let at = this.#chunks.length - 1; at >= 0; at--) {
      const chunk = this.#chunks[at]!;
      for (let index = chunk.length - 1; index >= 0; index--) yield chunk[index]!.job;
    }
  }

  clear(): void {
    this.#chunks.length = 0;
    this.#entries.clear();
  }

  /** Index of the chunk that holds the entry or should: the first whose last entry is not before it. */
  #chunkOf(entry: Entry): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const chunk = this.#chunks[middle]!;
      if (compare(chunk[chunk.length - 1]!, entry) < 0) low = middle + 1;
      else high = middle;
    }
    return low === this.#chunks.length && low > 0 ? low - 1 : low;
  }
}

/** Negative if job `a` goes first. */
export function comparePriority(a: Job, b: Job): number {
  return order(a, a.priority, b, b.priority);
}

function compare(a: Entry, b: Entry): number {
  return order(a.job, a.priority, b.job, b.priority);
}

function order(a: Job, aPriority: number, b: Job, bPriority: number): number {
  if (aPriority !== bPriority) return bPriority - aPriority;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function lowerBound(chunk: readonly Entry[], entry: Entry): number {
  let low = 0;
  let high = chunk.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(chunk[middle]!, entry) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
