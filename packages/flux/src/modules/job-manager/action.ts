import { JobState } from "@flux-ts/protocol/job/states";
import { JobFlag } from "@flux-ts/protocol/services/job-ingest";
import { summaryOf } from "./inactive-jobs.ts";
import type { Job } from "./job.ts";
import type { Manager } from "./manager.ts";

/**
 * Do what is due in the state a job is in (RFC 21). Called after each event and whenever something the
 * job waited for has changed; doing it again does no harm.
 */
export function act(manager: Manager, job: Job): void {
  switch (job.state) {
    case JobState.NEW:
      return;
    case JobState.DEPEND:
      depend(manager, job);
      return;
    case JobState.PRIORITY:
      // It may come from SCHED, to be given another priority.
      manager.alloc.withdraw(job, { isFinal: false });
      return;
    case JobState.SCHED:
      manager.alloc.enqueue(job);
      return;
    case JobState.RUN:
      if (job.perilogActive === 0 && !job.isPosted("prolog-start")) manager.start.request(job);
      return;
    case JobState.CLEANUP:
      cleanUp(manager, job);
      return;
    case JobState.INACTIVE:
      retire(manager, job);
      return;
  }
}

function depend({ events }: Manager, job: Job): void {
  if (job.dependencies.size > 0 || job.dependPosted || job.isPosted("dependency-add")) return;
  job.dependPosted = true;
  events.post(job, "depend");
}

function cleanUp({ alloc, events, housekeeping }: Manager, job: Job): void {
  alloc.withdraw(job, { isFinal: true });
  const isBusy = job.startPending || job.perilogActive > 0 || job.isPosted("epilog-start");
  if (isBusy) return;
  if (job.hasResources && !job.freePosted) {
    // Only what the scheduler gave is given back to it.
    if (!job.allocBypass && job.R) housekeeping.start(job, job.R);
    job.freePosted = true;
    events.post(job, "free");
  }
  if (!job.hasResources && !job.isPosted("clean")) events.post(job, "clean");
}

function retire({ drain, jobs, jobtap, wait }: Manager, job: Job): void {
  if (!jobs.active.has(job.id)) return;
  job.isReadonly = true;
  if (job.flags & JobFlag.Waitable) wait.onInactive(job);
  jobs.active.delete(job.id);
  if (jobs.inactive.add(summaryOf(job))) jobtap.call("job.inactive-add", job);
  jobtap.call("job.destroy", job);
  drain.check();
}
