import { command } from "../../command.ts";
import { flag, text } from "../../option.ts";
import { changeOptions, queueArgs, queueNamed } from "./queue-state.ts";
import { setEnabled } from "./set-enabled.ts";

export default command({
  name: "disable",
  summary: "refuse jobs",
  dialect: "B",
  usage:
    "[-h] [-a] [--quiet] [-v] [--nocheckpoint]\n                          [-m REASON]\n                          [QUEUE]",
  args: queueArgs,
  argHelp: { queue: "Queue to disable" },
  options: {
    ...changeOptions,
    nocheckpoint: flag("--nocheckpoint", "Do not checkpoint that the queue has been disabled"),
    message: text("-m, --message=REASON", "Add reason that a queue is disabled"),
  },
  async run({ args, options, flux, out }) {
    const queue = queueNamed(args, options);
    const reason = options.message || "disabled by administrator";
    await setEnabled(await flux(), out, { ...options, enable: false, queue, reason });
  },
});
