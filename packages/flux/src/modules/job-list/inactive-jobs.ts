import type { JobId } from "@flux-ts/protocol/job/fluid";
import type { JobRecord } from "./job-record.ts";
import {
  newPage,
  PackedJob,
  type Page,
  packInto,
  releaseStrings,
  rowsPerPage,
} from "./packed-job.ts";
import { SortedList } from "./sorted-list.ts";
import { StringTable } from "./string-table.ts";

/**
 * Inactive jobs, in a form that a hundred thousand of them can be kept in memory: about 250 bytes
 * each. A job is named by its slot.
 */
export class InactiveJobs {
  readonly #pages: Page[] = [];
  readonly #strings = new StringTable();
  readonly #free: number[] = [];
  readonly #order: SortedList<number>;

  constructor() {
    const one = this.#cursor();
    const other = this.#cursor();
    this.#order = new SortedList((a, b) => latestFirst(one.moveTo(a), other.moveTo(b)));
  }

  get size(): number {
    return this.#order.size;
  }

  /** Returns the job's slot. */
  add(job: JobRecord): number {
    const slot = this.#free.pop() ?? this.size;
    const page = Math.floor(slot / rowsPerPage);
    this.#pages[page] ??= newPage();
    packInto(this.#pages[page], slot % rowsPerPage, job, this.#strings);
    this.#order.add(slot);
    return slot;
  }

  delete(slot: number): void {
    this.#order.delete(slot);
    releaseStrings(this.#pages[Math.floor(slot / rowsPerPage)]!, slot % rowsPerPage, this.#strings);
    this.#free.push(slot);
  }

  get(slot: number): JobRecord {
    return this.#cursor().moveTo(slot);
  }

  /**
   * The latest first. It is the same object each time, showing one job after the other.
   */
  *[Symbol.iterator](): IterableIterator<JobRecord> {
    const cursor = this.#cursor();
    for (const slot of this.#order) yield cursor.moveTo(slot);
  }

  #cursor(): PackedJob {
    return new PackedJob(this.#pages, this.#strings);
  }
}

/** RFC 43: the most recently finished first; of jobs that finished at once, the younger one. */
function latestFirst(a: JobRecord, b: JobRecord): number {
  return b.tInactive - a.tInactive || compareIds(b.id, a.id);
}

function compareIds(a: JobId, b: JobId): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
