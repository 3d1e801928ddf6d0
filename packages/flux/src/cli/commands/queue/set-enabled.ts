import type { Flux } from "@flux-ts/client/handle";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { failedTo } from "../../errors.ts";
import type { Output } from "../../output/output.ts";
import { leader, queueStates, submissionLine } from "./queue-state.ts";

interface Change {
  readonly enable: boolean;
  readonly queue: string | undefined;
  readonly all: boolean;
  readonly reason?: string;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Open or close a queue for submissions, and say what is so now. */
export async function setEnabled(flux: Flux, out: Output, change: Change): Promise<void> {
  const { enable, queue, all, reason, quiet, verbose } = change;
  const request = {
    enable,
    all,
    ...(queue !== undefined && { name: queue }),
    ...(reason !== undefined && { reason }),
  };
  await flux.call(jobManager.queueEnable, request, leader).catch(failedTo("enable"));
  if (quiet) return;
  for (const state of await queueStates(flux, queue, verbose)) out.line(submissionLine(state));
}
