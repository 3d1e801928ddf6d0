import type { Flux } from "@flux-ts/client/handle";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { failedTo } from "../../errors.ts";
import type { Output } from "../../output/output.ts";
import { checkAll, leader, printAllocations, queueStates, schedulingLine } from "./queue-state.ts";

interface Change {
  readonly start: boolean;
  readonly queue: string | undefined;
  readonly all: boolean;
  readonly reason?: string | undefined;
  readonly nocheckpoint?: boolean;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Start or stop the scheduling of a queue, and say what is so now. */
export async function setStarted(flux: Flux, out: Output, change: Change): Promise<void> {
  const { start, queue, all, reason, nocheckpoint = false, quiet, verbose } = change;
  await checkAll(flux, queue, all);
  const request = {
    start,
    all,
    nocheckpoint,
    ...(queue !== undefined && { name: queue }),
    ...(reason && { reason }),
  };
  await flux.call(jobManager.queueStart, request, leader).catch(failedTo("start"));
  if (quiet) return;
  for (const state of await queueStates(flux, queue, verbose)) out.line(schedulingLine(state));
  if (verbose) await printAllocations(flux, out);
}
