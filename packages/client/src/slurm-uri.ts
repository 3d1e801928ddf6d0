import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";

const run = promisify(execFile);

/**
 * The URI of a Flux instance that Slurm launched: from its processes on this host, else by running
 * `flux uri` on the first node of the Slurm job. `uriOfPid` looks into a process.
 */
export async function slurmUri(job: string, uriOfPid: (pid: string) => string): Promise<string> {
  const pids = await localPids(job);
  if (!pids) return remoteUri(job);
  for (const pid of pids) {
    try {
      return uriOfPid(pid);
    } catch {
      // Not every process of the job belongs to Flux.
    }
  }
  throw new FluxError("ENOENT", `no process of Slurm job ${job} seems to have a FLUX_URI`);
}

/** Processes that slurmstepd started first: others may be in instances below. Undefined: not this host. */
async function localPids(job: string): Promise<string[] | undefined> {
  try {
    const { stdout } = await run("scontrol", ["listpids", job]);
    // PID JOBID STEPID LOCALID GLOBALID
    const rows = stdout.split("\n").map((line) => line.trim().split(/\s+/));
    const first = rows.filter(([pid, , , localId]) => /^[1-9]\d*$/.test(pid!) && localId === "0");
    return first.map(([pid]) => pid!).filter((pid) => Number(pid) !== process.pid);
  } catch {
    return undefined;
  }
}

async function remoteUri(job: string): Promise<string> {
  const hosts = await run("squeue", ["-h", "-o", "%N", "-j", job]).then(
    ({ stdout }) => Hostlist.parse(stdout.trim()),
    (cause: unknown) => {
      throw new FluxError("ENOENT", `unable to query nodelist for Slurm job ${job}`, { cause });
    },
  );
  const [host] = hosts;
  if (host === undefined) {
    throw new FluxError("ENOENT", `empty nodelist returned for Slurm job ${job}`);
  }
  // Without FLUX_URI, which srun would hand on.
  const { FLUX_URI: _, ...env } = process.env;
  const where = ["--overlap", `--jobid=${job}`, "-w", host, "-n1", "-N1"];
  return run("srun", [...where, "flux", "uri", `slurm:${job}`], { env }).then(
    ({ stdout }) => stdout.trim(),
    (cause: unknown) => {
      throw new FluxError("ENOENT", `Unable to resolve Flux URI for Slurm job ${job}`, { cause });
    },
  );
}
