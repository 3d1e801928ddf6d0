import { JobState, VirtualState } from "@flux-ts/protocol/job/states";
import { command } from "../../command.ts";
import { flag, int, list, text } from "../../option.ts";
import { printJobs, refuseTerminal } from "./print-jobs.ts";
import { statesArgument, userArgument } from "./user-argument.ts";

export default command({
  name: "list",
  summary: "List jobs",
  dialect: "A",
  usage: "[OPTIONS]",
  options: {
    count: int("-c, --count=N", "Limit output to N jobs", { initial: 0 }),
    states: list("-s, --states=STATES", "List jobs in specific states", { separator: "," }),
    user: text("-u, --user=USER", 'Limit output to specific user. Specify "all" for all users.'),
    allUser: flag("-a, --all-user", "List my jobs, regardless of state"),
    all: flag("-A, --all", "List jobs for all users, regardless of state"),
  },
  async run({ options, flux, out, system }) {
    refuseTerminal(out);
    const anyState = VirtualState.ACTIVE | JobState.INACTIVE;
    const states =
      options.allUser || options.all
        ? anyState
        : options.states.length > 0
          ? statesArgument(options.states, "states")
          : VirtualState.PENDING | VirtualState.RUNNING;
    const userid = options.all
      ? userArgument("all")
      : options.user === undefined
        ? system.uid
        : userArgument(options.user);
    const constraint = { and: [{ userid: [userid] }, { states: [states] }] };
    await printJobs(await flux(), out, { max_entries: options.count, constraint });
  },
});
