import { connect } from "@flux-ts/client/connect";
import type { Flux } from "@flux-ts/client/handle";
import { type JobId, parseJobId } from "@flux-ts/protocol/job/fluid";
import { JobState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { type JobListing, jobList } from "@flux-ts/protocol/services/job-list";
import { InstanceInfo } from "../jobs/instance-info.ts";
import { JobInfo, type ListingContext } from "../jobs/job-info.ts";

/** The instance itself, as the job that it is, or made up from what it knows of itself. */
export async function rootJob(
  flux: Flux,
  context: ListingContext,
  needsInstance: boolean,
): Promise<JobInfo> {
  const size = Number(await flux.attr("size"));
  const found = await enclosingJob(flux);
  const listing = found ?? (await madeUp(flux, size));
  const ranks = `0-${size - 1}`;
  // Without a job there is no id: the root of the tree is a dot.
  const shown = found ? context : { ...context, f58: () => "." };
  const job = new JobInfo({ ...listing, ranks }, shown);
  if (needsInstance && job.uri !== undefined) job.instance = await InstanceInfo.of(job.uri);
  return job;
}

async function enclosingJob(flux: Flux): Promise<JobListing | undefined> {
  try {
    const id = parseJobId(await flux.attr("jobid"));
    await using parent = await connect(await flux.attr("parent-uri"));
    return (await parent.call(jobList.listId, { id, attrs: ["all"] })).job;
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    return undefined;
  }
}

async function madeUp(flux: Flux, size: number): Promise<JobListing> {
  const [uri, nodelist, owner, started] = await Promise.all([
    flux.attr("local-uri"),
    flux.attr("hostlist"),
    flux.attr("security.owner"),
    flux.attr("broker.starttime").catch(() => "0"),
  ]);
  return {
    id: 0n as JobId,
    userid: Number(owner),
    state: JobState.RUN,
    name: ".",
    ntasks: size,
    nnodes: size,
    nodelist,
    t_run: Number(started),
    annotations: { user: { uri } },
  };
}
