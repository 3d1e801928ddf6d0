import { command } from "../../command.ts";
import { parentIn } from "../../overlay/parent.ts";
import { brokerTree } from "../../overlay/query.ts";
import { CommandError } from "../../usage-error.ts";

export default command({
  name: "parentof",
  summary: "show the parent of RANK",
  dialect: "A",
  builtin: true,
  usage: "[OPTIONS] RANK",
  args: { ranks: "[RANK...]" },
  async run({ args, flux, out }) {
    const [given, ...rest] = args.ranks;
    if (given === undefined || rest.length > 0) throw new CommandError("RANK is required");
    const rank = Number.parseInt(given, 10) || 0;
    out.line(String(parentIn(await brokerTree(await flux()), rank)));
  },
});
