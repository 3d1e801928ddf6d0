import { parseSignal } from "@flux-ts/protocol/job/signal";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { command } from "../../command.ts";
import { text } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";
import { forEachJob } from "./for-each-job.ts";
import { splitJobIds } from "./job-ids-and-note.ts";

export const signalOption = text("-s, --signal=SIG", "Send signal SIG (default SIGTERM)", {
  initial: "SIGTERM",
});

export default command({
  name: "kill",
  summary: "Send signal to one or more running jobs",
  dialect: "A",
  usage: "[OPTIONS] ids...",
  args: { ids: "ID..." },
  options: { signal: signalOption },
  async run({ args, options, flux, error }) {
    const { jobs, rest } = splitJobIds(args.ids);
    if (rest.length > 0) throw new CommandError(`invalid jobid: ${rest[0]}`);
    const signum = signalNumber(options.signal, "kill");
    const handle = await flux();
    return forEachJob(jobs, "kill", error, ({ id }) =>
      handle.call(jobManager.kill, { id, signum }),
    );
  },
});

export function signalNumber(given: string, verb: string): number {
  try {
    return parseSignal(given);
  } catch {
    throw new CommandError(`${verb}: Invalid signal ${given}`);
  }
}
