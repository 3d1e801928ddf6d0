import { mergeAnnotations } from "@flux-ts/protocol/job/annotations";
import { f58 } from "@flux-ts/protocol/job/fluid";
import { ntasksOn } from "@flux-ts/protocol/job/job-shape";
import { type Jobspec, updatedJobspec } from "@flux-ts/protocol/job/jobspec";
import { JobResult, JobState, resultOf } from "@flux-ts/protocol/job/states";
import { isUrgency } from "@flux-ts/protocol/job/urgency";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import type { Job } from "./job.ts";
import { readJobspec } from "./jobspec-facts.ts";
import { readR } from "./resource-facts.ts";

/** An event of a job (RFC 21) as the journal tells it. */
export interface JournalEvent {
  readonly name: string;
  readonly timestamp: number;
  readonly context: JsonObject;
  /** What came with it. */
  readonly R?: JsonObject | undefined;
}

type Apply = (job: Job, event: JournalEvent) => void;

/**
 * What events do to a job. States follow RFC 21, as seen from outside: each is entered once, save
 * that an urgency, a jobspec-update or a flux-restart event throws a job in SCHED back to PRIORITY.
 */
const effects: Readonly<Record<string, Apply>> = {
  submit(job, { timestamp, context }) {
    job.userid = intAt(context, "userid");
    job.urgency = intAt(context, "urgency");
    job.tSubmit = timestamp;
    // Version 0 had no validate event: a job was in DEPEND from the start.
    if (!(Number(context.version) >= 1)) job.tDepend = timestamp;
  },
  validate(job, event) {
    if (job.jobspec) readShape(job);
    enterOnce(job, JobState.DEPEND, event);
  },
  depend: (job, event) => enter(job, JobState.PRIORITY, event),
  priority(job, event) {
    job.priority = intAt(event.context, "priority");
    if (job.state === JobState.PRIORITY) enter(job, JobState.SCHED, event);
  },
  alloc(job, event) {
    enterOnce(job, JobState.RUN, event);
    if (event.R) readAllocation(job, event.R);
  },
  finish(job, event) {
    job.waitStatus = intAt(event.context, "status");
    if (job.waitStatus === 0 && job.exception?.severity !== 0) job.success = true;
    enterOnce(job, JobState.CLEANUP, event);
  },
  clean(job, event) {
    job.result = job.success ? JobResult.COMPLETED : resultOf(undefined, job.exception);
    enterOnce(job, JobState.INACTIVE, event);
  },
  exception(job, event) {
    const severity = intAt(event.context, "severity");
    const type = textAt(event.context, "type");
    const note = textAt(event.context, "note");
    if (!job.exception || severity < job.exception.severity) {
      job.exception = { type, severity, note };
    }
    if (severity === 0) enterOnce(job, JobState.CLEANUP, event);
  },
  urgency(job, event) {
    const urgency = intAt(event.context, "urgency");
    if (!isUrgency(urgency)) throw malformed("urgency");
    job.urgency = urgency;
    revert(job, event);
  },
  "jobspec-update"(job, event) {
    if (!job.jobspec) throw new FluxError("EPROTO", "jobspec update before jobspec");
    revert(job, event);
    job.jobspec = updatedJobspec(job.jobspec as Jobspec, event.context);
    readShape(job);
  },
  "resource-update"(job, { context: { expiration } }) {
    if (job.expiration === undefined) throw new FluxError("EPROTO", "resource update before R");
    if (typeof expiration === "number") job.expiration = expiration;
  },
  "flux-restart": revert,
  annotations(job, { context: { annotations } }) {
    if (annotations !== null && !isJsonObject(annotations)) throw malformed("annotations");
    job.annotations = annotations ?? undefined;
  },
  memo(job, { context }) {
    job.annotations = mergeAnnotations(job.annotations, { user: context });
  },
  "dependency-add"(job, { context }) {
    const description = textAt(context, "description");
    if (job.pastDependencies?.has(description)) return;
    job.pastDependencies = new Set(job.pastDependencies).add(description);
    job.dependencies = [...(job.dependencies ?? []), description];
  },
  "dependency-remove"(job, { context }) {
    const description = textAt(context, "description");
    if (!job.dependencies?.includes(description)) return;
    job.dependencies = job.dependencies.filter((each) => each !== description);
  },
};

/** Apply an event; ones without meaning for listings do nothing. EPROTO, EINVAL: it is malformed. */
export function applyEvent(job: Job, event: JournalEvent): void {
  if (!Object.hasOwn(effects, event.name)) return;
  try {
    effects[event.name]!(job, event);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new FluxError(error.errnum, `job ${f58(job.id)}: ${event.name}: ${error.message}`);
  }
}

function enterOnce(job: Job, state: JobState, event: JournalEvent): void {
  if (job.settled & state) return;
  job.settled |= state;
  enter(job, state, event);
}

function enter(job: Job, state: JobState, { timestamp }: JournalEvent): void {
  job.state = state;
  job.states |= state;
  switch (state) {
    case JobState.DEPEND:
      job.tDepend ||= timestamp;
      break;
    case JobState.PRIORITY:
      job.tPriority ||= timestamp;
      break;
    case JobState.SCHED:
      job.tSched ||= timestamp;
      break;
    case JobState.RUN:
      job.tRun = timestamp;
      break;
    case JobState.CLEANUP:
      job.tCleanup = timestamp;
      break;
    case JobState.INACTIVE:
      job.tInactive = timestamp;
      break;
  }
}

function revert(job: Job, event: JournalEvent): void {
  if (job.state !== JobState.SCHED) return;
  job.states &= ~JobState.SCHED;
  enter(job, JobState.PRIORITY, event);
}

function readShape(job: Job): void {
  const { shape, ...facts } = readJobspec(job.jobspec ?? {});
  job.taskCount = shape?.taskCount;
  job.setFacts(facts);
}

function readAllocation(job: Job, R: JsonObject): void {
  const { ranks, nodelist, nnodes, ncores, nslots, expiration } = readR(R);
  Object.assign(job, { ranks, nodelist, nnodes, ncores, expiration });
  if (job.ntasks === undefined && job.taskCount) {
    job.ntasks = ntasksOn(job.taskCount, { nslots, nnodes, ncores });
  }
}

function intAt(context: JsonObject, key: string): number {
  const value: Json | undefined = context[key];
  if (!Number.isSafeInteger(value)) throw malformed(key);
  return value as number;
}

function textAt(context: JsonObject, key: string): string {
  const value = context[key];
  if (typeof value !== "string") throw malformed(key);
  return value;
}

function malformed(key: string): FluxError {
  return new FluxError("EPROTO", `context has no valid ${key}`);
}
