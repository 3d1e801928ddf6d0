import type { Flux } from "@flux-ts/client/handle";
import { resourceStatus } from "@flux-ts/client/resource";
import { type JobId, parseJobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { jobList } from "@flux-ts/protocol/services/job-list";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import type { Environment } from "../../environment.ts";
import type { Input } from "../../output/output.ts";
import { CommandError } from "../../usage-error.ts";
import { parseHosts } from "./indices.ts";

interface Surroundings {
  flux(): Promise<Flux>;
  readonly stdin: Input;
  readonly env: Environment;
}

/** How long somebody has to write hosts before it is assumed that they did not mean to. */
const stdinTimeoutSeconds = 15;

/** The hosts that each source stands for. `fallback`: a job that is not known is a host's name. */
export async function hostSources(
  sources: readonly string[],
  fallback: boolean,
  surroundings: Surroundings,
): Promise<Hostlist[]> {
  const lists: Hostlist[] = [];
  for (const source of sources) lists.push(await hostSource(source, fallback, surroundings));
  return lists;
}

function hostSource(
  source: string,
  fallback: boolean,
  surroundings: Surroundings,
): Promise<Hostlist> {
  switch (source) {
    case "instance":
      return instanceHosts(surroundings);
    case "local":
      return localHosts(surroundings);
    case "avail":
    case "available":
      return availableHosts(surroundings);
    case "stdin":
    case "-":
      return stdinHosts(surroundings);
    default:
      return namedHosts(source, fallback, surroundings);
  }
}

async function instanceHosts({ flux }: Surroundings): Promise<Hostlist> {
  return Hostlist.parse(await (await flux()).attr("hostlist"));
}

/** Hosts of the job that the command runs in, else of the instance. */
function localHosts(surroundings: Surroundings): Promise<Hostlist> {
  const jobid = surroundings.env.FLUX_JOB_ID;
  if (jobid === undefined) return instanceHosts(surroundings);
  return jobHosts(jobid, parseJobId(jobid), false, surroundings);
}

async function availableHosts(surroundings: Surroundings): Promise<Hostlist> {
  const hosts = await localHosts(surroundings);
  const { avail, offline } = await resourceStatus(await surroundings.flux());
  return hosts.select(avail.subtract(offline));
}

async function namedHosts(
  source: string,
  fallback: boolean,
  surroundings: Surroundings,
): Promise<Hostlist> {
  let id: JobId | undefined;
  try {
    id = parseJobId(source);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
  }
  if (id !== undefined) return jobHosts(source, id, fallback, surroundings);
  try {
    return Hostlist.parse(source);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(`Invalid jobid or hostlist ${source}`);
  }
}

async function jobHosts(
  name: string,
  id: JobId,
  fallback: boolean,
  { flux }: Surroundings,
): Promise<Hostlist> {
  const handle = await flux();
  try {
    const { job } = await handle.call(jobList.listId, { id, attrs: ["nodelist"] });
    return Hostlist.parse(job.nodelist ?? "");
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    if (error.code !== "ENOENT") throw new CommandError(`job ${name}: ${error.message}`);
    if (fallback) return Hostlist.parse(name);
    throw new CommandError(`job ${name} not found`);
  }
}

async function stdinHosts({ stdin, env }: Surroundings): Promise<Hostlist> {
  const seconds = Number(env.FLUX_HOSTLIST_STDIN_TIMEOUT ?? stdinTimeoutSeconds);
  const text = await textWithin(stdin, seconds);
  const hosts = new Hostlist();
  for (const line of text.split("\n")) hosts.append(parseHosts(line.trimEnd()));
  return hosts;
}

/** All of standard input, which must begin, or end, within a time. */
function textWithin(stdin: Input, seconds: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Uint8Array[] = [];
    const timer = setTimeout(() => {
      reading.stop();
      const shown = Number.isInteger(seconds) ? seconds.toFixed(1) : seconds;
      reject(new CommandError(`timeout after ${shown}s waiting for stdin`));
    }, seconds * 1000);
    const reading = stdin.follow((chunk) => {
      clearTimeout(timer);
      if (chunk) {
        chunks.push(chunk);
        return;
      }
      reading.stop();
      resolve(Buffer.concat(chunks).toString("utf8"));
    });
  });
}
