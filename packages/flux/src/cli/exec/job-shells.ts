import type { Flux } from "@flux-ts/client/handle";
import { eventlogPaths, jobEvents } from "@flux-ts/client/job-events";
import { JobState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { jobList } from "@flux-ts/protocol/services/job-list";
import { Idset } from "@flux-ts/protocol/text/idset";
import { jobIdArgument } from "../job-text.ts";
import { CommandError } from "../usage-error.ts";

export interface JobShells {
  /** Name of their subprocess service. */
  readonly service: string;
  readonly ranks: Idset;
}

/** Where a running job's shells are, and the service by which they run more processes beside the tasks. */
export async function jobShells(flux: Flux, text: string): Promise<JobShells> {
  const id = jobIdArgument(text);
  const { job } = await flux
    .call(jobList.listId, { id, attrs: ["ranks", "state"] })
    .catch((error: unknown) => {
      if (!(error instanceof FluxError)) throw error;
      if (error.code === "ENOENT") throw new CommandError(`job ${text} not found`);
      throw new CommandError(`unable to get info for job ${text}: ${error.message}`);
    });
  if (job.state !== JobState.RUN) throw new CommandError(`job ${text} is not currently running`);
  const ranks = Idset.parse(job.ranks ?? "");
  if (ranks.isEmpty) throw new CommandError(`failed to get assigned ranks for ${text}`);
  for await (const { name, context } of jobEvents(flux, id, eventlogPaths.exec, {
    waitCreate: true,
  })) {
    if (name !== "shell.init") continue;
    if (typeof context?.service === "string") return { service: `${context.service}.rexec`, ranks };
    throw new CommandError("failed to get service from shell.init event");
  }
  throw new CommandError(`failed to get shell.init event for ${text}`);
}
