import { command } from "../../command.ts";
import { changeOptions, queueArgs, queueNamed } from "./queue-state.ts";
import { setEnabled } from "./set-enabled.ts";

export default command({
  name: "enable",
  summary: "accept jobs",
  dialect: "B",
  usage: "[-h] [-a] [--quiet] [-v] [QUEUE]",
  args: queueArgs,
  argHelp: { queue: "Queue to enable" },
  options: changeOptions,
  async run({ args, options, flux, out }) {
    const queue = queueNamed(args, options);
    await setEnabled(await flux(), out, { ...options, enable: true, queue });
  },
});
