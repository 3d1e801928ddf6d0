import type { Flux } from "@flux-ts/client/handle";
import type { ResponseOf } from "@flux-ts/protocol/rpc/method";
import { jobList } from "@flux-ts/protocol/services/job-list";
import { CommandError } from "../usage-error.ts";

type Counts = Omit<ResponseOf<typeof jobList.jobStats>, "queues">;

/** Numbers of jobs, of an instance or some of its queues. */
export interface JobStats {
  readonly pending: number;
  readonly running: number;
  readonly active: number;
  readonly inactive: number;
  readonly total: number;
  readonly successful: number;
  /** All that did not succeed. */
  readonly failed: number;
  readonly purged: number;
}

export async function jobStats(flux: Flux, queues: readonly string[] = []): Promise<JobStats> {
  const all = await flux.call(jobList.jobStats);
  const parts: Counts[] =
    queues.length === 0
      ? [all]
      : queues.map((name) => {
          const found = all.queues?.find((queue) => queue.name === name);
          if (!found) {
            throw new CommandError(
              `error retrieving job stats: no stats available for queue ${name}`,
            );
          }
          return found;
        });
  const sum = (count: (part: Counts) => number): number =>
    parts.reduce((total, part) => total + count(part), 0);
  const inState = (...states: string[]): number =>
    sum(({ job_states: counts }) =>
      states.reduce((total, state) => total + (counts[state] ?? 0), 0),
    );
  const total = inState("total");
  const inactive = inState("inactive");
  return {
    pending: inState("depend", "priority", "sched"),
    running: inState("run", "cleanup"),
    active: total - inactive,
    inactive,
    total,
    successful: sum(({ successful }) => successful),
    failed: sum(({ failed, canceled, timeout }) => failed + canceled + timeout),
    purged: sum(({ inactive_purged: purged }) => purged),
  };
}
