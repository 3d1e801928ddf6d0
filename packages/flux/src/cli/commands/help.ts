import { accessSync } from "node:fs";
import { join } from "node:path";
import { command } from "../command.ts";
import { overviewText } from "../overview.ts";
import { CommandError } from "../usage-error.ts";

export default command({
  name: "help",
  summary: "Display help information for flux commands",
  dialect: "A",
  builtin: true,
  prog: "flux",
  usage: "[OPTIONS...] [COMMAND...]",
  args: { topic: "[TOPIC]" },
  async run({ args, env, err, system }) {
    const { topic } = args;
    if (topic === undefined) {
      err.write(overviewText(env));
      return 0;
    }
    if (!exists(join(system.root, "share/man"))) {
      throw new CommandError("flux manual pages not built");
    }
    return system.run(["man", `flux-${topic}`], { env });
  },
});

function exists(path: string): boolean {
  try {
    accessSync(path);
    return true;
  } catch {
    return false;
  }
}
