import { type EventlogEntry, parseEntry, parseEventlog } from "@flux-ts/protocol/job/eventlog";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { JobState, VirtualState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import { JobFlag } from "@flux-ts/protocol/services/job-ingest";
import { act } from "./action.ts";
import { summaryOf } from "./inactive-jobs.ts";
import { Job, priorityUnset } from "./job.ts";
import { withoutMember } from "./json-path.ts";
import type { Manager } from "./manager.ts";
import { applyEvent } from "./transition.ts";

/** What the KVS has of a job. Only active jobs need more than the eventlog. */
export interface StoredJob {
  readonly id: JobId;
  readonly eventlog: string;
  readonly jobspec?: string | undefined;
  readonly R?: string | undefined;
}

/** True if the last event of a log says that the job is over, so that nothing else of it is needed. */
export function isOver(eventlog: string): boolean {
  const last = eventlog.slice(eventlog.lastIndexOf("\n", eventlog.length - 2) + 1);
  // Most logs are over: only what may be the event is looked at closely.
  return last.includes('"clean"') && parseEntry(last).name === "clean";
}

/** A job as its eventlog tells. EINVAL saying what is wrong with what the KVS has. */
export function replay({ id, eventlog, jobspec, R }: StoredJob): Job {
  const job = new Job(id, jobspec === undefined ? {} : redactedJobspec(jobspec));
  if (R !== undefined) job.R = withoutMember(parseObject(R, "R"), "scheduling");
  const entries = parseEventlog(eventlog);
  const version = checkFirst(entries[0]);
  for (const entry of entries) {
    try {
      // Without the jobspec of an inactive job its updates do not matter either.
      const isUpdate = entry.name === "jobspec-update" || entry.name === "resource-update";
      if (!isUpdate || jobspec !== undefined) applyEvent(job, entry);
    } catch (cause) {
      throw new FluxError("EINVAL", `could not apply ${entry.name}`, { cause });
    }
    job.eventlog.push(entry);
    // Before version 1 there was no validate event.
    if (version === undefined && entry === entries[0]) job.state = JobState.DEPEND;
  }
  if (job.state === JobState.NEW) {
    throw new FluxError("EINVAL", "job state (NEW) is invalid after replay");
  }
  return job;
}

function checkFirst(entry: EventlogEntry | undefined): number | undefined {
  if (entry?.name !== "submit") {
    throw new FluxError("EINVAL", `first event is ${entry?.name ?? "missing,"} not submit`);
  }
  const version = entry.context?.version;
  if (version === undefined) return undefined;
  if (version !== 1) throw new FluxError("EINVAL", `eventlog v${version} is unsupported`);
  return 1;
}

function redactedJobspec(text: string): JsonObject {
  const jobspec = parseObject(text, "jobspec");
  const { attributes } = jobspec;
  const system = isJsonObject(attributes) ? attributes.system : undefined;
  if (!isJsonObject(attributes) || !isJsonObject(system)) return jobspec;
  const redacted = withoutMember(system, "environment");
  return { ...jobspec, attributes: { ...attributes, system: redacted } };
}

function parseObject(text: string, what: string): JsonObject {
  try {
    const value = parseJson(text);
    if (isJsonObject(value)) return value;
  } catch (cause) {
    throw new FluxError("EINVAL", `failed to decode ${what}`, { cause });
  }
  throw new FluxError("EINVAL", `failed to decode ${what}`);
}

/** Take over a job of an earlier life of the job manager. Its plugins hear of it in `resume`. */
export function restore(manager: Manager, job: Job): void {
  const { jobs, jobtap, wait } = manager;
  if (job.id > jobs.maxId) jobs.maxId = job.id;
  if (job.state === JobState.INACTIVE) {
    if (jobs.inactive.add(summaryOf(job))) jobtap.call("job.inactive-add", job);
    if (job.flags & JobFlag.Waitable) wait.addZombie(job);
    return;
  }
  jobs.active.set(job.id, job);
  wait.onActive(job);
  if (job.isIn(VirtualState.RUNNING)) jobs.running++;
}

/** All jobs are restored: go on with the active ones where they were. */
export function resume(manager: Manager): void {
  const { events, jobs, jobtap } = manager;
  for (const job of [...jobs.active.values()]) {
    // These are the first callbacks that plugins of this life get for the job.
    if (job.isIn(JobState.NEW | JobState.DEPEND)) {
      jobtap.checkDependencies(job, { isReplay: true });
    }
    jobtap.call("job.create", job);
    jobtap.call("job.new", job);
    if (job.state === JobState.SCHED) {
      // Unset, or the same priority again would not count as one.
      job.priority = priorityUnset;
      events.post(job, "flux-restart");
    } else {
      resumeOther(manager, job);
    }
  }
}

function resumeOther(manager: Manager, job: Job): void {
  const isDebugged = (job.flags & JobFlag.Debug) !== 0;
  if (isDebugged && job.isIn(VirtualState.RUNNING)) {
    manager.events.post(job, "debug.exec-reattach-start", { id: job.id });
  }
  if (job.state === JobState.PRIORITY) manager.jobtap.call("job.state.priority", job);
  act(manager, job);
}
