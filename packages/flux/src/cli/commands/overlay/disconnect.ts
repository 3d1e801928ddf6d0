import { overlay } from "@flux-ts/protocol/services/overlay";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { command } from "../../command.ts";
import { failedTo } from "../../errors.ts";
import { int } from "../../option.ts";
import { parentIn } from "../../overlay/parent.ts";
import { brokerTree, hostMap } from "../../overlay/query.ts";
import { CommandError } from "../../usage-error.ts";

export default command({
  name: "disconnect",
  summary: "disconnect a subtree rooted at TARGET (hostname or rank)",
  dialect: "A",
  builtin: true,
  usage: "[OPTIONS] TARGET",
  args: { targets: "[TARGET...]" },
  options: {
    parent: int(
      "-r, --parent=NODEID",
      "Set parent rank to NODEID (default: determine from topology)",
    ),
  },
  async run({ args, options, flux, error }) {
    const [target, ...rest] = args.targets;
    if (target === undefined || rest.length > 0) throw new CommandError("TARGET is required");
    const handle = await flux();
    const rank = /^\s*\+?\d+$/.test(target)
      ? Number(target)
      : rankOfHost(target, await hostMap(handle));
    const tree = await brokerTree(handle);
    const parent = options.parent ?? parentIn(tree, rank);
    error(
      `asking ${tree.hostOf(parent)} (rank ${parent}) to disconnect child ${tree.hostOf(rank)} (rank ${rank})`,
    );
    await handle
      .call(overlay.disconnectSubtree, { rank }, { nodeid: parent })
      .catch(failedTo("overlay.disconnect-subtree"));
  },
});

function rankOfHost(target: string, hosts: Hostlist): number {
  try {
    const [host, ...others] = Hostlist.parse(target);
    const rank = host !== undefined && others.length === 0 ? hosts.find(host) : undefined;
    if (rank !== undefined) return rank;
  } catch {
    // Said below.
  }
  throw new CommandError("TARGET must be a valid rank or hostname");
}
