import { f58 } from "@flux-ts/protocol/job/fluid";
import type { Shell } from "./shell.ts";

/** What every task of a job finds in its environment (wire-jobs §7.8). */
export function setJobVariables({ env, site, job, ntasks, size }: Shell): void {
  const id = f58(job.id);
  const parent = site.attribute("jobid-path") ?? "/";
  env.set("FLUX_URI", site.uri);
  env.set("FLUX_KVS_NAMESPACE", `job-${job.id}`);
  env.set("FLUX_JOB_ID_PATH", `${parent === "/" ? "" : parent}/${id}`);
  env.set("FLUX_JOB_SIZE", `${ntasks}`);
  env.set("FLUX_JOB_NNODES", `${size}`);
  env.set("FLUX_JOB_ID", id);
  // The submitter's would be wrong on most nodes.
  if (env.get("HOSTNAME") !== undefined) env.set("HOSTNAME", site.hostname);
}
