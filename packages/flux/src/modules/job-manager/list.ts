import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { ListedJob } from "@flux-ts/protocol/services/job-manager";
import type { Job } from "./job.ts";
import type { Manager } from "./manager.ts";

export function listed(job: Job): ListedJob {
  const { id, userid, urgency, priority, tSubmit: t_submit, state, annotations } = job;
  const wasDependent = job.dependencies.size > 0 || job.metDependencies.size > 0;
  return {
    id,
    userid,
    urgency,
    priority,
    t_submit,
    state,
    ...(annotations && { annotations }),
    ...(wasDependent && { dependencies: [...job.dependencies] }),
  };
}

/** `job-manager.list`: jobs in queue order, other active ones, then zombies. EPROTO: negative number. */
export function list({ alloc, jobs, wait }: Manager, maxEntries: number): ListedJob[] {
  if (maxEntries < 0) throw new FluxError("EPROTO");
  const limit = maxEntries || Number.POSITIVE_INFINITY;
  const result: ListedJob[] = [];
  for (const job of alloc.queue) {
    if (result.length >= limit) break;
    result.push(listed(job));
  }
  for (const job of jobs.active.values()) {
    if (result.length >= limit) break;
    if (!job.allocQueued) result.push(listed(job));
  }
  result.push(...wait.zombies);
  return result;
}
