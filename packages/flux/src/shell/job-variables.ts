import type { Shell } from "./shell.ts";

/** What every task of a job finds in its environment (wire-jobs §7.8). */
export function setJobVariables(shell: Shell): void {
  const { env, site, job, ntasks, size, jobid } = shell;
  const parent = site.attribute("jobid-path") ?? "/";
  env.set("FLUX_URI", site.uri);
  env.set("FLUX_KVS_NAMESPACE", `job-${job.id}`);
  env.set("FLUX_JOB_ID_PATH", `${parent === "/" ? "" : parent}/${jobid}`);
  env.set("FLUX_JOB_SIZE", `${ntasks}`);
  env.set("FLUX_JOB_NNODES", `${size}`);
  env.set("FLUX_JOB_ID", jobid);
  // The submitter's would be wrong on most nodes.
  if (env.get("HOSTNAME") !== undefined) env.set("HOSTNAME", site.hostname);
}
