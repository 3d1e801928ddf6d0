import { command } from "../../command.ts";
import { changeOptions, queueArgs, queueNamed } from "./queue-state.ts";
import { setStarted } from "./set-started.ts";

export default command({
  name: "start",
  summary: "start scheduling",
  dialect: "B",
  usage: "[-h] [-a] [--quiet] [-v] [QUEUE]",
  args: queueArgs,
  argHelp: { queue: "Queue to start" },
  options: changeOptions,
  async run({ args, options, flux, out }) {
    const queue = queueNamed(args, options);
    await setStarted(await flux(), out, { ...options, start: true, queue });
  },
});
