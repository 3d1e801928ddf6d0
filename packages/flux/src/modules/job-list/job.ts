import type { JobId } from "@flux-ts/protocol/job/fluid";
import type { TaskCount } from "@flux-ts/protocol/job/job-shape";
import { type JobResult, JobState } from "@flux-ts/protocol/job/states";
import { useridUnknown } from "@flux-ts/protocol/message/message";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { Exception, JobRecord, JobspecFacts } from "./job-record.ts";

/** An active job, as its events have made it so far. */
export class Job implements JobRecord {
  readonly id: JobId;
  userid = useridUnknown;
  urgency = -1;
  /** Jobs without a priority are listed after those that have one. */
  priority = 0;
  state: JobState = JobState.NEW;
  states: number = JobState.NEW;
  /** States that were entered once and for all, even if the job was past them. */
  settled = 0;
  tSubmit = 0;
  tDepend = 0;
  tPriority = 0;
  tSched = 0;
  tRun = 0;
  tCleanup = 0;
  tInactive = 0;
  name: string | undefined;
  cwd: string | undefined;
  queue: string | undefined;
  project: string | undefined;
  bank: string | undefined;
  duration: number | undefined;
  ntasks: number | undefined;
  ncores: number | undefined;
  nnodes: number | undefined;
  ranks: string | undefined;
  nodelist: string | undefined;
  expiration: number | undefined;
  waitStatus: number | undefined;
  success = false;
  result: JobResult | undefined;
  exception: Exception | undefined;
  annotations: JsonObject | undefined;
  dependencies: readonly string[] | undefined;
  /** Dependencies that it had: none of them comes back. */
  pastDependencies: ReadonlySet<string> | undefined;
  jobspec: JsonObject | undefined;
  /** How many tasks there are for what; known if the jobspec makes sense. */
  taskCount: TaskCount | undefined;

  constructor(id: JobId) {
    this.id = id;
  }

  /** What the jobspec says, before or after it was updated. */
  setFacts(facts: JobspecFacts): void {
    const { name, cwd, queue, project, bank, duration, ntasks, ncores, nnodes } = facts;
    Object.assign(this, { name, cwd, queue, project, bank, duration });
    // What was allocated counts for more than what was asked for.
    if (this.ranks === undefined) Object.assign(this, { ntasks, ncores, nnodes });
  }
}
