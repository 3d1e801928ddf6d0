import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json } from "@flux-ts/protocol/schema/json";
import type { SubmittedJob } from "@flux-ts/protocol/services/job-manager";
import type { Asker } from "./effect.ts";
import { Job } from "./job.ts";
import type { Manager } from "./manager.ts";

/**
 * Take jobs over from job-ingest. The answer, with the reasons of those refused, waits until the events of
 * the others are on stable storage: only then are their ids told to users.
 */
export function submit(manager: Manager, asker: Asker, jobs: readonly SubmittedJob[]): void {
  const errors: Json[] = [];
  for (const submitted of jobs) {
    try {
      submitOne(manager, submitted);
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
      errors.push([submitted.id, error.message]);
    }
  }
  manager.events.answerWhenCommitted(asker, { errors });
}

/** Throws FluxError with the reason of the refusal. */
function submitOne(manager: Manager, submitted: SubmittedJob): void {
  const { events, jobs, jobtap, queues, wait } = manager;
  const { id, userid, urgency, flags, t_submit, jobspec } = submitted;
  const job = new Job(id, jobspec);
  queues.checkSubmit(job.queue);
  if (jobs.active.has(id)) throw new FluxError("EEXIST", "job id is in use");
  jobs.active.set(id, job);
  const context = { userid, urgency, flags, version: 1 };
  events.post(job, "submit", context, { timestamp: t_submit });
  try {
    // After the submit event, because plugins may post events, and submit has to be the first.
    jobtap.create(job);
    jobtap.validate(job, job.jobspec);
    jobtap.checkDependencies(job);
  } catch (error) {
    events.post(job, "invalidate", undefined, { isVolatile: true });
    events.forget(job);
    jobtap.call("job.destroy", job);
    jobs.active.delete(id);
    throw error;
  }
  jobtap.call("job.new", job);
  wait.onActive(job);
  if (id > jobs.maxId) jobs.maxId = id;
  events.hold(job);
  events.post(job, "validate");
}
