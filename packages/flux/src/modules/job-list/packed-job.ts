import type { JobId } from "@flux-ts/protocol/job/fluid";
import { type JobResult, JobState } from "@flux-ts/protocol/job/states";
import {
  type Json,
  type JsonObject,
  parseJson,
  stringifyJson,
} from "@flux-ts/protocol/schema/json";
import type { Exception, JobRecord } from "./job-record.ts";
import type { StringTable } from "./string-table.ts";

/** Jobs per page. Pages, rather than arrays that double, let memory follow the number of jobs. */
export const rowsPerPage = 1024;

/** Where a job's real numbers are. In all numbers -1 stands for one that is not known. */
const Real = {
  tSubmit: 0,
  tDepend: 1,
  tPriority: 2,
  tSched: 3,
  tRun: 4,
  tCleanup: 5,
  tInactive: 6,
  duration: 7,
  expiration: 8,
} as const;
const realsPerJob = 9;

/** Where its integers are; from `name` on they are references to strings. */
const Word = {
  userid: 0,
  priority: 1,
  urgency: 2,
  states: 3,
  result: 4,
  success: 5,
  ntasks: 6,
  ncores: 7,
  nnodes: 8,
  waitStatus: 9,
  severity: 10,
  name: 11,
  cwd: 12,
  queue: 13,
  project: 14,
  bank: 15,
  ranks: 16,
  nodelist: 17,
  exceptionType: 18,
  exceptionNote: 19,
  annotations: 20,
  dependencies: 21,
} as const;
const wordsPerJob = 22;

export interface Page {
  readonly ids: JobId[];
  readonly reals: Float64Array;
  readonly words: Int32Array;
}

export function newPage(): Page {
  return {
    ids: [],
    reals: new Float64Array(rowsPerPage * realsPerJob),
    words: new Int32Array(rowsPerPage * wordsPerJob),
  };
}

/** Keep a job in a row of a page. */
export function packInto(page: Page, row: number, job: JobRecord, strings: StringTable): void {
  page.ids[row] = job.id;
  const reals = row * realsPerJob;
  for (const [name, at] of realEntries) page.reals[reals + at] = job[name] ?? -1;
  const { exception, annotations, dependencies } = job;
  page.words.set(
    [
      job.userid,
      job.priority,
      job.urgency,
      job.states,
      job.result ?? -1,
      Number(job.success),
      job.ntasks ?? -1,
      job.ncores ?? -1,
      job.nnodes ?? -1,
      job.waitStatus ?? -1,
      exception?.severity ?? -1,
      strings.add(job.name),
      strings.add(job.cwd),
      strings.add(job.queue),
      strings.add(job.project),
      strings.add(job.bank),
      strings.add(job.ranks),
      strings.add(job.nodelist),
      strings.add(exception?.type),
      strings.add(exception?.note),
      strings.add(annotations && stringifyJson(annotations)),
      strings.add(dependencies && stringifyJson(dependencies as Json)),
    ],
    row * wordsPerJob,
  );
}

const realEntries = Object.entries(Real) as [keyof typeof Real, number][];

/** Give up a row's strings. */
export function releaseStrings({ words }: Page, row: number, strings: StringTable): void {
  const start = row * wordsPerJob;
  for (let at = start + Word.name; at < start + wordsPerJob; at++) strings.release(words[at]!);
}

/** A packed job, read where it lies. Can be moved from one to the next, so that a search makes no garbage. */
export class PackedJob implements JobRecord {
  readonly #pages: readonly Page[];
  readonly #strings: StringTable;
  #page!: Page;
  #row = 0;

  constructor(pages: readonly Page[], strings: StringTable) {
    this.#pages = pages;
    this.#strings = strings;
  }

  moveTo(slot: number): this {
    this.#row = slot % rowsPerPage;
    this.#page = this.#pages[(slot - this.#row) / rowsPerPage]!;
    return this;
  }

  get id(): JobId {
    return this.#page.ids[this.#row]!;
  }
  get state(): JobState {
    return JobState.INACTIVE;
  }
  get userid(): number {
    return this.#word(Word.userid) >>> 0;
  }
  get priority(): number {
    return this.#word(Word.priority) >>> 0;
  }
  get urgency(): number {
    return this.#word(Word.urgency);
  }
  get states(): number {
    return this.#word(Word.states);
  }
  get tSubmit(): number {
    return this.#real(Real.tSubmit);
  }
  get tDepend(): number {
    return this.#real(Real.tDepend);
  }
  get tPriority(): number {
    return this.#real(Real.tPriority);
  }
  get tSched(): number {
    return this.#real(Real.tSched);
  }
  get tRun(): number {
    return this.#real(Real.tRun);
  }
  get tCleanup(): number {
    return this.#real(Real.tCleanup);
  }
  get tInactive(): number {
    return this.#real(Real.tInactive);
  }
  get duration(): number | undefined {
    return known(this.#real(Real.duration));
  }
  get expiration(): number | undefined {
    return known(this.#real(Real.expiration));
  }
  get ntasks(): number | undefined {
    return known(this.#word(Word.ntasks));
  }
  get ncores(): number | undefined {
    return known(this.#word(Word.ncores));
  }
  get nnodes(): number | undefined {
    return known(this.#word(Word.nnodes));
  }
  get waitStatus(): number | undefined {
    return known(this.#word(Word.waitStatus));
  }
  get success(): boolean {
    return this.#word(Word.success) === 1;
  }
  get result(): JobResult | undefined {
    return known(this.#word(Word.result)) as JobResult | undefined;
  }
  get name(): string | undefined {
    return this.#text(Word.name);
  }
  get cwd(): string | undefined {
    return this.#text(Word.cwd);
  }
  get queue(): string | undefined {
    return this.#text(Word.queue);
  }
  get project(): string | undefined {
    return this.#text(Word.project);
  }
  get bank(): string | undefined {
    return this.#text(Word.bank);
  }
  get ranks(): string | undefined {
    return this.#text(Word.ranks);
  }
  get nodelist(): string | undefined {
    return this.#text(Word.nodelist);
  }
  get exception(): Exception | undefined {
    const type = this.#text(Word.exceptionType);
    if (type === undefined) return undefined;
    const note = this.#text(Word.exceptionNote) ?? "";
    return { type, severity: this.#word(Word.severity), note };
  }
  get annotations(): JsonObject | undefined {
    const text = this.#text(Word.annotations);
    return text === undefined ? undefined : (parseJson(text) as JsonObject);
  }
  get dependencies(): readonly string[] | undefined {
    const text = this.#text(Word.dependencies);
    return text === undefined ? undefined : (parseJson(text) as string[]);
  }

  #real(at: number): number {
    return this.#page.reals[this.#row * realsPerJob + at]!;
  }

  #word(at: number): number {
    return this.#page.words[this.#row * wordsPerJob + at]!;
  }

  #text(at: number): string | undefined {
    return this.#strings.text(this.#word(at));
  }
}

function known(value: number): number | undefined {
  return value === -1 ? undefined : value;
}
