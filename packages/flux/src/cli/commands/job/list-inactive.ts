import { JobState } from "@flux-ts/protocol/job/states";
import { command } from "../../command.ts";
import { int, value } from "../../option.ts";
import { UsageError } from "../../usage-error.ts";
import { printJobs, refuseTerminal } from "./print-jobs.ts";

export default command({
  name: "list-inactive",
  summary: "List Inactive jobs",
  dialect: "A",
  usage: "[OPTIONS]",
  options: {
    count: int("-c, --count=N", "Limit output to N jobs", { initial: 0 }),
    since: value(
      "-s, --since=T",
      "Limit output to jobs that entered the inactive state since timestamp T",
      (given) => {
        const number = Number(given);
        if (!Number.isNaN(number)) return number;
        throw new UsageError("Option 'since' requires a floating point argument", "option");
      },
      { initial: 0 },
    ),
  },
  async run({ options, flux, out }) {
    refuseTerminal(out);
    const constraint = { states: [JobState.INACTIVE] };
    const { count, since } = options;
    await printJobs(await flux(), out, { max_entries: count, since, constraint });
  },
});
