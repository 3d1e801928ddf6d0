import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import { JobState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json, JsonObject } from "@flux-ts/protocol/schema/json";
import { applyFlag } from "./flags.ts";
import type { Job } from "./job.ts";
import { mergeObjects, withJsonAt, withUpdates } from "./json-path.ts";

/**
 * The states of a job follow from its events alone (RFC 21), live as well as in the replay of an
 * eventlog after a restart:
 *
 * NEW -validate-> DEPEND -depend-> PRIORITY -priority-> SCHED -alloc-> RUN -finish-> CLEANUP -clean->
 * INACTIVE; urgency, jobspec-update and flux-restart lead from SCHED back to PRIORITY; a fatal exception
 * leads from any state between NEW and INACTIVE to CLEANUP.
 */
type Apply = (job: Job, entry: EventlogEntry) => void;

const { NEW, DEPEND, PRIORITY, SCHED, RUN, CLEANUP, INACTIVE } = JobState;

const handlers: Readonly<Record<string, Apply>> = {
  submit(job, entry) {
    if (job.state !== NEW) throw new FluxError("EINVAL", "submit must be the first event");
    job.userid = integer(entry, "userid") >>> 0;
    job.urgency = integer(entry, "urgency");
    job.flags = integer(entry, "flags");
    job.tSubmit = entry.timestamp;
  },
  invalidate(job) {
    job.isReadonly = true;
  },
  validate(job) {
    job.state = DEPEND;
  },
  "jobspec-update"(job, entry) {
    job.jobspec = withUpdates(job.jobspec, contextOf(entry));
    // Back to where priorities are assigned, because what the priority depends on may have changed.
    if (job.state === SCHED) job.state = PRIORITY;
  },
  "resource-update"(job, entry) {
    const expiration = contextOf(entry).expiration;
    if (!job.R || typeof expiration !== "number" || expiration < 0) {
      throw new FluxError("EINVAL", "resource-update needs R and an expiration");
    }
    job.R = withJsonAt(job.R, "execution.expiration", expiration);
  },
  "dependency-add"(job, entry) {
    const description = text(entry, "description");
    if (!job.isIn(NEW | DEPEND) || job.metDependencies.has(description)) return;
    job.dependencies.add(description);
  },
  "dependency-remove"(job, entry) {
    if (!job.isIn(NEW | DEPEND)) return;
    const description = text(entry, "description");
    if (!job.dependencies.delete(description)) {
      throw new FluxError("ENOENT", `job has no dependency ${description}`);
    }
    job.metDependencies.add(description);
  },
  "set-flags"(job, entry) {
    const { flags } = contextOf(entry);
    if (!Array.isArray(flags)) throw malformed(entry, "flags");
    for (const flag of flags) applyFlag(job, flag);
  },
  memo(job, entry) {
    job.annotations = mergeObjects(job.annotations, { user: contextOf(entry) });
  },
  depend(job) {
    if (job.state === DEPEND) job.state = PRIORITY;
  },
  priority(job, entry) {
    if (job.isIn(PRIORITY | SCHED)) job.priority = integer(entry, "priority");
    if (job.state === PRIORITY) job.state = SCHED;
  },
  urgency(job, entry) {
    job.urgency = integer(entry, "urgency");
    if (job.state === SCHED) job.state = PRIORITY;
  },
  exception(job, entry) {
    if (job.isIn(NEW | INACTIVE)) return;
    const severity = integer(entry, "severity");
    const type = text(entry, "type");
    if (severity !== 0) return;
    // The scheduler could not take over the allocation: there is nothing left to free.
    if (type === "scheduler-restart") job.hasResources = false;
    job.endEvent ??= entry;
    job.state = CLEANUP;
  },
  alloc(job) {
    job.hasResources = true;
    if (job.state === SCHED) job.state = RUN;
  },
  start(job) {
    job.isStarted = true;
  },
  free(job) {
    job.hasResources = false;
  },
  finish(job, entry) {
    if (job.state !== RUN) return;
    job.endEvent ??= entry;
    job.state = CLEANUP;
  },
  release(_job, entry) {
    if (typeof contextOf(entry).final !== "boolean") throw malformed(entry, "final");
  },
  clean(job, entry) {
    if (job.state !== CLEANUP) return;
    job.state = INACTIVE;
    job.tClean = entry.timestamp;
  },
  // A prolog holds back the start request, so it cannot begin once that was sent.
  "prolog-start"(job) {
    if (!job.startPending) job.perilogActive++;
  },
  "prolog-finish"(job) {
    if (!job.startPending && job.perilogActive > 0) job.perilogActive--;
  },
  "epilog-start"(job) {
    if (job.state === CLEANUP) job.perilogActive++;
  },
  "epilog-finish"(job) {
    if (job.state === CLEANUP && job.perilogActive > 0) job.perilogActive--;
  },
  "flux-restart"(job) {
    if (job.state === SCHED) job.state = PRIORITY;
  },
};

/** Apply an event to a job. Events of other names change nothing. Throws if the context is malformed. */
export function applyEvent(job: Job, entry: EventlogEntry): void {
  if (Object.hasOwn(handlers, entry.name)) handlers[entry.name]!(job, entry);
}

const empty: JsonObject = {};

function contextOf(entry: EventlogEntry): JsonObject {
  return entry.context ?? empty;
}

function integer(entry: EventlogEntry, key: string): number {
  const value: Json | undefined = contextOf(entry)[key];
  if (!Number.isSafeInteger(value)) throw malformed(entry, key);
  return value as number;
}

function text(entry: EventlogEntry, key: string): string {
  const value = contextOf(entry)[key];
  if (typeof value !== "string") throw malformed(entry, key);
  return value;
}

function malformed(entry: EventlogEntry, key: string): FluxError {
  return new FluxError("EPROTO", `${entry.name} event: ${key} is missing or of the wrong type`);
}
