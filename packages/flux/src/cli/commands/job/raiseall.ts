import { JobState, VirtualState } from "@flux-ts/protocol/job/states";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { command } from "../../command.ts";
import { failedTo } from "../../errors.ts";
import { flag, int, list, text } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";
import { statesArgument, userArgument } from "./user-argument.ts";

export default command({
  name: "raiseall",
  summary: "Raise an exception on multiple jobs.",
  dialect: "A",
  usage: "OPTIONS type [message ...]",
  args: { type: "TYPE", message: "[MESSAGE...]" },
  options: {
    severity: int("-s, --severity=N", "Set exception severity [0-7] (0 is fatal, default=7)", {
      initial: 7,
    }),
    user: text("-u, --user=USER", "Set target user or 'all' (instance owner only)"),
    states: list("-S, --states=STATES", "Set target job states (default=ACTIVE)", {
      separator: ",",
    }),
    force: flag("-f, --force", "Confirm the command"),
  },
  async run({ args, options, flux, system, warn }) {
    const states =
      options.states.length > 0 ? statesArgument(options.states, "states") : VirtualState.ACTIVE;
    if (states & JobState.INACTIVE) {
      throw new CommandError("Exceptions cannot be raised on inactive jobs");
    }
    const userid = options.user === undefined ? system.uid : userArgument(options.user);
    const handle = await flux();
    const { count, errors } = await handle
      .call(jobManager.raiseall, {
        dry_run: !options.force,
        userid,
        states,
        severity: options.severity,
        type: args.type,
        note: args.message.join(" "),
      })
      .catch(failedTo("raiseall"));
    if (count === 0) warn("Command matched 0 jobs");
    else if (options.force) warn(`Raised exception on ${count} jobs (${errors} errors)`);
    else warn(`Command matched ${count} jobs (-f to confirm)`);
  },
});
