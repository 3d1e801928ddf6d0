import type { Flux } from "@flux-ts/client/handle";
import { type JobId, parseJobId } from "@flux-ts/protocol/job/fluid";
import { JobState, VirtualState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject } from "@flux-ts/protocol/schema/json";
import { jobList } from "@flux-ts/protocol/services/job-list";
import { resource } from "@flux-ts/protocol/services/resource";
import { formatDuration } from "@flux-ts/protocol/text/duration";
import { command } from "../../command.ts";
import { flag } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";

/** What stands for "no limit" where a number of seconds is printed. */
const unlimitedSeconds = 4294967295;

export default command({
  name: "timeleft",
  summary: "Find remaining runtime for job or enclosing instance",
  dialect: "A",
  usage: "[JOBID]",
  args: { job: "[JOBID]" },
  options: {
    human: flag("-H, --human", "Output in Flux Standard Duration instead of seconds."),
  },
  async run({ args, options, flux, out, env }) {
    const handle = await flux();
    const job = args.job ?? env.FLUX_JOB_ID;
    const expiration =
      job === undefined ? await instanceExpiration(handle) : await jobExpiration(handle, job);
    const left = expiration === 0 ? Infinity : Math.max(0, expiration - Date.now() / 1000);
    if (options.human) out.line(formatDuration(left));
    else if (left === Infinity) out.line(String(unlimitedSeconds));
    else out.line(String(left > 0 ? Math.max(1, Math.floor(left)) : 0));
  },
});

/** Seconds since the epoch, 0 for none; in the past for a job that has ended. */
async function jobExpiration(flux: Flux, text: string): Promise<number> {
  let id: JobId;
  try {
    id = parseJobId(text);
  } catch {
    throw new CommandError(`failed to parse jobid ${text}`);
  }
  const { job } = await flux
    .call(jobList.listId, { id, attrs: ["expiration", "state"] })
    .catch((error: unknown) => {
      if (!(error instanceof FluxError)) throw error;
      if (error.code === "ENOENT") throw new CommandError(`${text}: no such jobid`);
      throw new CommandError(`flux_job_list_id: ${text}: ${error.message}`);
    });
  const { state = 0, expiration = 0 } = job;
  if (state & VirtualState.PENDING) throw new CommandError(`job ${text} has not started`);
  return state === JobState.RUN ? expiration : 1;
}

async function instanceExpiration(flux: Flux): Promise<number> {
  const { R } = await flux.call(resource.status, undefined, { nodeid: 0 }).catch(() => {
    throw new CommandError("failed to get instance expiration");
  });
  const execution = isJsonObject(R.execution) ? R.execution : {};
  return Number(execution.expiration ?? 0);
}
