import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";

const run = promisify(execFile);

/**
 * The URI of a Flux instance in a job of IBM Spectrum LSF: by running `flux uri` over ssh on the job's
 * first compute node. `isOnNode`: this is that node.
 */
export async function lsfUri(
  job: string,
  isOnNode: boolean,
  uriOfPid: (pid: string) => string,
): Promise<string> {
  if (isOnNode) return uriOfPid(brokerOf(job));
  const host = await computeNode(job);
  const ssh = process.env.FLUX_SSH ?? "ssh";
  const flux = process.env.FLUX_SSH_RCMD ?? "flux";
  const command = [host, flux, "uri", "--remote", `lsf:${job}?is_compute`];
  return run(ssh, command).then(
    ({ stdout }) => stdout.trim(),
    (cause: unknown) => {
      throw new FluxError("ENOENT", `LSF Job ${job} doesn't seem to have a FLUX_URI`, { cause });
    },
  );
}

async function computeNode(job: string): Promise<string> {
  const query = process.env.CSM_ALLOCATION_QUERY ?? "/opt/ibm/csm/bin/csm_allocation_query";
  const unknown = `Unable to find a compute node attached to job ${job}`;
  const { stdout } = await run(query, ["-j", job]).catch((cause: unknown) => {
    throw new FluxError("ENOENT", unknown, { cause });
  });
  // YAML: a list below this key.
  const [, list = ""] = /^compute_nodes:\n((?: *- *\S+\n?)*)/m.exec(stdout) ?? [];
  const hosts = Hostlist.from([...list.matchAll(/- *(\S+)/g)].map(([, host]) => host!)).sort();
  const [first] = hosts;
  if (first === undefined) throw new FluxError("ENOENT", unknown);
  return first;
}

/** A leader broker on this host with the job's id in its environment. */
function brokerOf(job: string): string {
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (!isLeader(pid)) continue;
      const variables = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
      if (variables.includes(`LSB_JOBID=${job}`)) return pid;
    } catch {
      // It ended, or belongs to somebody else.
    }
  }
  throw new FluxError("ENOENT", "Unable to find a flux session attached to your job");
}

function isLeader(pid: string): boolean {
  const name = readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  if (name.startsWith("flux-broker")) return name === "flux-broker-0";
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("broker.cjs\0");
}
