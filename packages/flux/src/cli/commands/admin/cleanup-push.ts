import { runat } from "@flux-ts/protocol/services/runat";
import { command } from "../../command.ts";

export default command({
  name: "cleanup-push",
  summary: "add a command to run after the initial program",
  dialect: "C",
  usageName: "flux-admin cleanup-push",
  prog: "flux-admin",
  usage: "[-h] ...",
  args: { command: "[CMDLINE...]" },
  argHelp: { command: "Command line" },
  async run({ args, flux, stdin }) {
    const commands = args.command.length > 0 ? [args.command.join(" ")] : [];
    if (args.command.length === 0) {
      for await (const line of stdin.lines()) commands.push(line.trim());
    }
    // Each one is put before those that are there: the first of a block is to run first.
    const handle = await flux();
    await handle.call(runat.push, { name: "cleanup", commands: commands.reverse() });
  },
});
