import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { command } from "../../command.ts";
import { int, text } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";
import { forEachJob } from "./for-each-job.ts";
import { splitJobIds } from "./job-ids-and-note.ts";

export default command({
  name: "raise",
  summary: "Raise exception on one or more jobs",
  dialect: "A",
  usage: "[OPTIONS] ids... [--] [message ...]",
  args: { words: "ID..." },
  options: {
    severity: int("-s, --severity=N", "Set exception severity [0-7] (default=0)", { initial: 0 }),
    type: text("-t, --type=TYPE", "Set exception type (default=cancel)", { initial: "cancel" }),
    message: text("-m, --message=NOTE", "Set exception note"),
  },
  async run({ args, options, flux, error }) {
    const { severity, type, message } = options;
    const { jobs, rest } = splitJobIds(args.words);
    const words = rest[0] === "--" ? rest.slice(1) : rest;
    if (message !== undefined && rest.length > 0) {
      throw new CommandError("Do not set note on command line and with --message");
    }
    const note = message ?? (rest.length > 0 ? words.join(" ") : undefined);
    const handle = await flux();
    return forEachJob(jobs, "raise", error, ({ id }) =>
      handle.call(jobManager.raise, {
        id,
        severity,
        type,
        ...(note !== undefined && { note }),
      }),
    );
  },
});
