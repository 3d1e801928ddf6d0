import { command } from "../../command.ts";
import { flag } from "../../option.ts";
import {
  printAllocations,
  queueArgs,
  queueNamed,
  queueOptions,
  queueStates,
  schedulingLine,
  submissionLine,
} from "./queue-state.ts";

export default command({
  name: "status",
  summary: "show the state of queues",
  dialect: "B",
  usage: "[-h] [-v] [QUEUE]",
  args: queueArgs,
  argHelp: { queue: "Queue to status" },
  options: {
    ...queueOptions,
    verbose: flag("-v, --verbose", "Display more detail about internal job manager state"),
  },
  async run({ args, options, flux, out }) {
    const handle = await flux();
    const states = await queueStates(handle, queueNamed(args, options), options.verbose);
    for (const state of states) {
      out.line(submissionLine(state));
      out.line(schedulingLine(state));
    }
    if (options.verbose) await printAllocations(handle, out);
  },
});
