import { command } from "../../command.ts";
import { translated } from "../../overlay/host-map.ts";
import { hostMap } from "../../overlay/query.ts";
import { CommandError } from "../../usage-error.ts";

export default command({
  name: "lookup",
  summary: "translate rank idset to hostlist or the reverse",
  dialect: "A",
  builtin: true,
  usage: "[OPTIONS] TARGET",
  args: { targets: "[TARGET...]" },
  async run({ args, flux, out }) {
    const [target, ...rest] = args.targets;
    if (target === undefined || rest.length > 0) {
      throw new CommandError("single TARGET argument is required");
    }
    out.line(translated(target, await hostMap(await flux())));
  },
});
