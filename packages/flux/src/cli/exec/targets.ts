import type { Flux } from "@flux-ts/client/handle";
import { eventlogPaths, jobEvents } from "@flux-ts/client/job-events";
import { JobState } from "@flux-ts/protocol/job/states";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { jobList } from "@flux-ts/protocol/services/job-list";
import { Idset } from "@flux-ts/protocol/text/idset";
import { jobIdArgument } from "../job-text.ts";
import { CommandError } from "../usage-error.ts";

export interface ExecTargets {
  readonly ranks: Idset;
  /** Subprocess service of a job's shells; undefined for the brokers' own. */
  readonly service: string | undefined;
}

/** Ranks to run on: all brokers, or those of a job, less what --rank and --exclude leave out. */
export async function execTargets(
  flux: Flux,
  options: {
    readonly jobid: string | undefined;
    readonly rank: string;
    readonly exclude: string | undefined;
  },
): Promise<ExecTargets> {
  const { jobid, rank, exclude } = options;
  const size = Number(await flux.attr("size"));
  const job = jobid === undefined ? undefined : await jobTargets(flux, jobid);
  const all = job?.ranks ?? Idset.range(0, size - 1);
  const given = rank === "all" ? all : ranksOf(rank, (text) => `failed to decode idset '${text}'`);
  const wanted = job ? nthOf(all, given, rank) : given;
  const invalid = wanted.subtract(all);
  if (!invalid.isEmpty) {
    throw new CommandError(`One or more invalid --ranks specified: ${invalid.encode()}`);
  }
  if (exclude === undefined) return { ranks: wanted, service: job?.service };
  const left = ranksOf(exclude, () => "error decoding --exclude idset");
  const excluded = job ? nthOf(all, left, exclude) : left;
  return { ranks: wanted.subtract(excluded), service: job?.service };
}

function ranksOf(text: string, describe: (text: string) => string): Idset {
  try {
    return Idset.parse(text);
  } catch {
    throw new CommandError(`${describe(text)}: Invalid argument`);
  }
}

/** With a job, ranks are counted within it. */
function nthOf(all: Idset, indices: Idset, text: string): Idset {
  if (text === "all") return all;
  const ranks = [...all];
  return Idset.from([...indices].flatMap((index) => ranks[index] ?? []));
}

async function jobTargets(flux: Flux, text: string): Promise<{ ranks: Idset; service: string }> {
  const id = jobIdArgument(text);
  const { job } = await flux
    .call(jobList.listId, { id, attrs: ["ranks", "state"] })
    .catch((error: unknown) => {
      if (isErrno(error, "ENOENT")) throw new CommandError(`job ${text} not found`);
      throw error;
    });
  if (job.state !== JobState.RUN) throw new CommandError(`job ${text} is not currently running`);
  const ranks = Idset.parse(job.ranks ?? "");
  if (ranks.isEmpty) throw new CommandError(`failed to get assigned ranks for ${text}`);
  const watch = { waitCreate: true };
  for await (const { name, context } of jobEvents(flux, id, eventlogPaths.exec, watch)) {
    if (name === "shell.init") return { ranks, service: `${context?.service}.rexec` };
  }
  throw new CommandError(`failed to get shell.init event for ${text}`);
}
