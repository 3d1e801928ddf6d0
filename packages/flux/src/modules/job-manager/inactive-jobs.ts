import type { JobId } from "@flux-ts/protocol/job/fluid";
import { type JobResult, resultOf } from "@flux-ts/protocol/job/states";
import type { Job } from "./job.ts";

/** What is kept of a job once it is inactive: the rest is read from the KVS when somebody asks. */
export interface InactiveJob {
  readonly id: JobId;
  readonly userid: number;
  readonly tSubmit: number;
  readonly tClean: number;
  readonly result: JobResult;
  readonly wasAllocated: boolean;
  readonly wasStarted: boolean;
  readonly endedByException: boolean;
}

const Bit = { Allocated: 0x10, Started: 0x20, Exception: 0x40 } as const;
const resultMask = 0x0f;

/** What is worth keeping of an active job that became inactive. */
export function summaryOf(job: Job): InactiveJob {
  const { id, userid, tSubmit, tClean, endEvent } = job;
  const context = endEvent?.context ?? {};
  const endedByException = endEvent?.name === "exception";
  const { type, status } = context;
  return {
    id,
    userid,
    tSubmit,
    tClean,
    result: resultOf(
      endEvent?.name === "finish" && typeof status === "number" ? status : undefined,
      endedByException ? { type: String(type), severity: 0 } : undefined,
    ),
    wasAllocated: job.hasEvent("alloc"),
    wasStarted: job.hasEvent("start"),
    endedByException,
  };
}

/**
 * Inactive jobs, a few bytes each, so that a hundred thousand of them cost a few megabytes: columns
 * instead of objects. They are ordered by the time they became inactive.
 */
export class InactiveJobs {
  readonly #slots = new Map<JobId, number>();
  readonly #free: number[] = [];
  #userids = new Uint32Array(64);
  #submitted = new Float64Array(64);
  #cleaned = new Float64Array(64);
  #bits = new Uint8Array(64);
  /** Job ids, oldest first from #head on. */
  #order: JobId[] = [];
  #head = 0;
  #isSorted = true;

  get size(): number {
    return this.#slots.size;
  }

  has(id: JobId): boolean {
    return this.#slots.has(id);
  }

  ids(): IterableIterator<JobId> {
    return this.#slots.keys();
  }

  get(id: JobId): InactiveJob | undefined {
    const slot = this.#slots.get(id);
    if (slot === undefined) return undefined;
    const bits = this.#bits[slot]!;
    return {
      id,
      userid: this.#userids[slot]!,
      tSubmit: this.#submitted[slot]!,
      tClean: this.#cleaned[slot]!,
      result: (bits & resultMask) as JobResult,
      wasAllocated: (bits & Bit.Allocated) !== 0,
      wasStarted: (bits & Bit.Started) !== 0,
      endedByException: (bits & Bit.Exception) !== 0,
    };
  }

  /** False if it is there already. */
  add(job: InactiveJob): boolean {
    if (this.#slots.has(job.id)) return false;
    const slot = this.#free.pop() ?? this.#slots.size;
    if (slot >= this.#bits.length) this.#grow();
    this.#slots.set(job.id, slot);
    this.#userids[slot] = job.userid;
    this.#submitted[slot] = job.tSubmit;
    this.#cleaned[slot] = job.tClean;
    this.#bits[slot] =
      job.result |
      (job.wasAllocated ? Bit.Allocated : 0) |
      (job.wasStarted ? Bit.Started : 0) |
      (job.endedByException ? Bit.Exception : 0);
    const last = this.#order.length > this.#head ? this.#order[this.#order.length - 1] : undefined;
    // Jobs come in this order anyway, except in the replay after a restart.
    if (last !== undefined && this.#cleanedAt(last) > job.tClean) this.#isSorted = false;
    this.#order.push(job.id);
    return true;
  }

  delete(id: JobId): boolean {
    const slot = this.#slots.get(id);
    if (slot === undefined) return false;
    if (this.oldest === id) {
      this.#head++;
      if (this.#head > 1024 && this.#head > this.#order.length / 2) this.#compact();
    } else {
      this.#order.splice(this.#order.indexOf(id, this.#head), 1);
    }
    this.#slots.delete(id);
    this.#free.push(slot);
    return true;
  }

  /** The one that became inactive first. */
  get oldest(): JobId | undefined {
    this.#sort();
    return this.#order[this.#head];
  }

  /** All, the oldest first. */
  *byAge(): IterableIterator<JobId> {
    this.#sort();
    for (let at = this.#head; at < this.#order.length; at++) yield this.#order[at]!;
  }

  tClean(id: JobId): number {
    return this.#cleanedAt(id);
  }

  #cleanedAt(id: JobId): number {
    const slot = this.#slots.get(id);
    return slot === undefined ? 0 : this.#cleaned[slot]!;
  }

  #sort(): void {
    if (this.#isSorted) return;
    this.#compact();
    this.#order.sort((a, b) => this.#cleanedAt(a) - this.#cleanedAt(b));
    this.#isSorted = true;
  }

  #compact(): void {
    this.#order = this.#order.slice(this.#head);
    this.#head = 0;
  }

  #grow(): void {
    const size = this.#bits.length * 2;
    const grown = <T extends { set(from: T): void }>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.#userids = grown(new Uint32Array(size), this.#userids);
    this.#submitted = grown(new Float64Array(size), this.#submitted);
    this.#cleaned = grown(new Float64Array(size), this.#cleaned);
    this.#bits = grown(new Uint8Array(size), this.#bits);
  }
}
