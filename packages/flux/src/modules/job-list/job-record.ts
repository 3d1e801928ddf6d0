import type { JobId } from "@flux-ts/protocol/job/fluid";
import type { JobResult, JobState } from "@flux-ts/protocol/job/states";
import type { JsonObject } from "@flux-ts/protocol/schema/json";

/** What a jobspec says that listings show. A member is missing if it says nothing of it. */
export interface JobspecFacts {
  readonly name: string | undefined;
  readonly cwd: string | undefined;
  readonly queue: string | undefined;
  readonly project: string | undefined;
  readonly bank: string | undefined;
  /** Seconds; 0 is no limit. */
  readonly duration: number | undefined;
  readonly ntasks: number | undefined;
  readonly ncores: number | undefined;
  readonly nnodes: number | undefined;
}

/** What is known of one job, while it is active and after. */
export interface JobRecord extends JobspecFacts {
  readonly id: JobId;
  readonly userid: number;
  readonly urgency: number;
  readonly priority: number;
  readonly state: JobState;
  /** Every state the job was in: bits. One that it was thrown back from does not count. */
  readonly states: number;
  /** Seconds since the epoch at which it came into each state first; 0: it has not. */
  readonly tSubmit: number;
  readonly tDepend: number;
  readonly tPriority: number;
  readonly tSched: number;
  readonly tRun: number;
  readonly tCleanup: number;
  readonly tInactive: number;
  /** What it was given: idset text with brackets, hostlist text. */
  readonly ranks: string | undefined;
  readonly nodelist: string | undefined;
  /** Seconds since the epoch; 0 is never. */
  readonly expiration: number | undefined;
  readonly waitStatus: number | undefined;
  /** It finished with status 0, without a fatal exception before. */
  readonly success: boolean;
  /** Of an inactive job. */
  readonly result: JobResult | undefined;
  readonly exception: Exception | undefined;
  readonly annotations: JsonObject | undefined;
  readonly dependencies: readonly string[] | undefined;
}

/** The most severe exception of a job; of equally severe ones the first. */
export interface Exception {
  readonly type: string;
  readonly severity: number;
  readonly note: string;
}
