import type { JobId } from "@flux-ts/protocol/job/fluid";
import { JobState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JobRecord } from "./job-record.ts";

/** Requests that may wait at once. */
const maxWaits = 100_000;

interface Wait<Asker> {
  readonly asker: Asker;
  /** Mask of states, or 0 for any but NEW. */
  readonly states: number;
}

/** Requests for jobs that are not known yet, or not in the state they were asked for in. */
export class Waits<Asker> {
  readonly #waits = new Map<JobId, Wait<Asker>[]>();
  #count = 0;

  /** How many jobs are waited for. */
  get size(): number {
    return this.#waits.size;
  }

  add(id: JobId, states: number, asker: Asker): void {
    if (this.#count >= maxWaits) throw new FluxError("EAGAIN", "too many requests wait for jobs");
    this.#count++;
    const waits = this.#waits.get(id);
    if (waits) waits.push({ asker, states });
    else this.#waits.set(id, [{ asker, states }]);
  }

  /** Those whose wait is over, now that the job is as it is. */
  take(job: JobRecord): Asker[] {
    return this.#remove(job.id, ({ states }) => !isMissing(job, states));
  }

  /** All that wait for a job, which does not come. */
  takeAll(id: JobId): Asker[] {
    return this.#remove(id, () => true);
  }

  /** Forget those that pass the test. */
  drop(isGone: (asker: Asker) => boolean): void {
    for (const id of [...this.#waits.keys()]) this.#remove(id, ({ asker }) => isGone(asker));
  }

  #remove(id: JobId, isOver: (wait: Wait<Asker>) => boolean): Asker[] {
    const waits = this.#waits.get(id);
    if (!waits) return [];
    const over = waits.filter(isOver);
    const rest = waits.filter((wait) => !over.includes(wait));
    if (rest.length > 0) this.#waits.set(id, rest);
    else this.#waits.delete(id);
    this.#count -= over.length;
    return over.map(({ asker }) => asker);
  }
}

/**
 * The job has yet to reach one of the states (0: any but NEW). One that is over does not reach any
 * more, whatever it missed: a job canceled before it ran is never in RUN.
 */
export function isMissing(job: JobRecord, states: number): boolean {
  if (job.state === JobState.INACTIVE) return false;
  return job.state === JobState.NEW || (states !== 0 && (job.states & states) === 0);
}
