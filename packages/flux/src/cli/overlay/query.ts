import type { Flux } from "@flux-ts/client/handle";
import { overlay } from "@flux-ts/protocol/services/overlay";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { failedTo } from "../errors.ts";
import { BrokerTree } from "./broker-tree.ts";

/** The hosts of the instance by rank. */
export async function hostMap(flux: Flux): Promise<Hostlist> {
  return Hostlist.parse(await flux.attr("hostlist"));
}

/** The instance's tree of brokers. */
export async function brokerTree(flux: Flux): Promise<BrokerTree> {
  const [root, hosts] = await Promise.all([
    flux.call(overlay.topology, { rank: 0 }, { nodeid: 0 }),
    hostMap(flux),
  ]).catch(failedTo("error fetching overlay topology"));
  return new BrokerTree(root, hosts);
}
