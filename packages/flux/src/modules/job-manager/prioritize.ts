import { JobState } from "@flux-ts/protocol/job/states";
import { Priority, Urgency } from "@flux-ts/protocol/job/urgency";
import type { Job } from "./job.ts";
import type { Manager } from "./manager.ts";

/**
 * Give a job the priority that a plugin found for it. Hold and expedite override it (RFC 30). Does
 * nothing outside PRIORITY and SCHED.
 */
export function prioritize(manager: Manager, job: Job, found: number): void {
  if (!job.isIn(JobState.PRIORITY | JobState.SCHED)) return;
  const priority = effectivePriority(job, found);
  if (!assign(manager, job, priority)) return;
  manager.alloc.onPriority(job);
}

/** Ask the plugins for the priorities of all jobs again; the scheduler is told of all at once. */
export function prioritizeAll(manager: Manager): void {
  const changed: Job[] = [];
  for (const job of [...manager.jobs.active.values()]) {
    if (!job.isIn(JobState.PRIORITY | JobState.SCHED)) continue;
    const found = manager.jobtap.priorityOf(job);
    if (found === undefined || found < Priority.MIN || found === job.priority) continue;
    if (!assign(manager, job, effectivePriority(job, found))) continue;
    if (job.allocPending && job.priority > Priority.MIN) changed.push(job);
    else manager.alloc.onPriority(job);
  }
  manager.alloc.onPriorities(changed);
}

function effectivePriority({ urgency }: Job, found: number): number {
  if (urgency === Urgency.HOLD) return Priority.MIN;
  return urgency === Urgency.EXPEDITE ? Priority.MAX : found;
}

/** False if nothing changed: an event that says so would be noise. It must come in PRIORITY, though. */
function assign({ events }: Manager, job: Job, priority: number): boolean {
  if (priority === job.priority && job.state === JobState.SCHED) return false;
  events.post(job, "priority", { priority });
  // The event may still wait for others of this job, but the queues need the priority now.
  job.priority = priority;
  return true;
}
