import { command } from "../../command.ts";
import { flag, text } from "../../option.ts";
import { changeOptions, queueArgs, queueNamed } from "./queue-state.ts";
import { setStarted } from "./set-started.ts";

export default command({
  name: "stop",
  summary: "stop scheduling",
  dialect: "B",
  usage: "[-h] [-a] [--quiet] [-v] [--nocheckpoint] [-m REASON]\n                       [QUEUE]",
  args: queueArgs,
  argHelp: { queue: "Queue to stop" },
  options: {
    ...changeOptions,
    nocheckpoint: flag("--nocheckpoint", "Do not checkpoint that the queue has been stopped"),
    message: text("-m, --message=REASON", "Add reason that a queue is stopped"),
  },
  async run({ args, options, flux, out }) {
    const queue = queueNamed(args, options);
    const reason = options.message;
    await setStarted(await flux(), out, { ...options, start: false, queue, reason });
  },
});
