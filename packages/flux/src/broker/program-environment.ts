/** What describes the job that the broker itself is, not the programs it starts (wire-broker §4.4). */
const removed = new Set([
  "FLUX_JOB_ID",
  "FLUX_ENCLOSING_ID",
  "FLUX_JOB_SIZE",
  "FLUX_JOB_NNODES",
  "FLUX_JOB_TMPDIR",
  "FLUX_TASK_RANK",
  "FLUX_TASK_LOCAL_ID",
  "FLUX_URI",
  "FLUX_KVS_NAMESPACE",
  "FLUX_PROXY_REMOTE",
  "FLUX_PMI_LIBRARY_PATH",
  "I_MPI_PMI_LIBRARY",
  "NOTIFY_SOCKET",
]);
const removedPrefixes = ["PMI_", "PMIX_", "SLURM_", "PALS_"];

/** The environment of rc1, the initial program and rc3. */
export function programEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  localUri: string,
  jobid: string | undefined,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined || removed.has(name)) continue;
    if (removedPrefixes.some((prefix) => name.startsWith(prefix))) continue;
    kept[name] = value;
  }
  kept.FLUX_URI = localUri;
  if (jobid !== undefined) kept.FLUX_ENCLOSING_ID = jobid;
  return kept;
}
