import type { Flux } from "@flux-ts/client/handle";
import { eventlogPaths, jobEvents } from "@flux-ts/client/job-events";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { VirtualState } from "@flux-ts/protocol/job/states";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { jobList } from "@flux-ts/protocol/services/job-list";
import { shellAt } from "@flux-ts/protocol/services/shell";
import { Idset } from "@flux-ts/protocol/text/idset";
import { command } from "../../command.ts";
import { durationOption } from "../../duration-option.ts";
import { jobIdArgument } from "../../job-text.ts";
import { text } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";
import { decodeProctable } from "./proctable.ts";

export default command({
  name: "hostpids",
  summary: "Print host:pid pairs for tasks in JOBID",
  dialect: "A",
  usage: "[OPTIONS] JOBID",
  args: { id: "JOBID" },
  options: {
    delimiter: text("-d, --delimiter=STRING", 'Set output delimiter (default=",")', {
      initial: ",",
    }),
    ranks: text("-r, --ranks=IDSET", "Include only task ranks in IDSET", { initial: "all" }),
    timeout: durationOption("-t, --timeout=DURATION", "timeout after DURATION"),
  },
  async run({ args, options, flux, out }) {
    const ranks = ranksOf(options.ranks);
    const id = jobIdArgument(args.id);
    const handle = await flux();
    await checkActive(handle, id, args.id);
    const { service, leaderRank } = await startedShell(handle, id, options.timeout);
    const table = await handle.call(shellAt(service).proctable, undefined, { nodeid: leaderRank });
    const tasks = decodeProctable(table);
    if (tasks.length === 0) {
      throw new CommandError("failed to get MPIR_proctable from job shell");
    }
    const shown = tasks.filter((_task, rank) => !ranks || ranks.has(rank));
    const delimiter = options.delimiter === "\\n" ? "\n" : options.delimiter;
    out.line(shown.map(({ host, pid }) => `${host}:${pid}`).join(delimiter));
  },
});

function ranksOf(given: string): Idset | undefined {
  if (given === "all") return undefined;
  try {
    return Idset.parse(given);
  } catch (error) {
    throw new CommandError(`--ranks=${given}: ${(error as Error).message}: Invalid argument`);
  }
}

async function checkActive(flux: Flux, id: JobId, shown: string): Promise<void> {
  const { job } = await flux
    .call(jobList.listId, { id, attrs: ["state"] })
    .catch((error: unknown) => {
      if (isErrno(error, "ENOENT")) throw new CommandError(`${shown}: No such job`);
      throw error;
    });
  if (!((job.state ?? 0) & VirtualState.ACTIVE)) {
    throw new CommandError(`hostpids: job ${shown} is inactive`);
  }
}

/** Where the leader of a job's shells is, once the tasks run. */
async function startedShell(flux: Flux, id: JobId, timeoutSeconds: number | undefined) {
  const timeout =
    timeoutSeconds === undefined ? undefined : AbortSignal.timeout(timeoutSeconds * 1000);
  const watch = { waitCreate: true, signal: timeout };
  let shell = { service: "", leaderRank: 0 };
  for await (const { name, context = {} } of jobEvents(flux, id, eventlogPaths.exec, watch)) {
    if (name === "shell.init") {
      shell = {
        service: String(context.service),
        leaderRank: Number(context["leader-rank"] ?? 0),
      };
    }
    if (name === "shell.start") return shell;
  }
  throw new CommandError(
    timeout?.aborted
      ? "hostpids: timeout waiting for shell.start event"
      : "failed to get MPIR_proctable from job shell",
  );
}
