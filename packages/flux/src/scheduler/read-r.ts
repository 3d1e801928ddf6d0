import type { NodeResources } from "@flux-ts/protocol/resource/node-resources";
import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { type Node, Topology } from "./topology.ts";

/** The nodes of a resource set, in ascending order of rank. */
export function nodesOf(set: ResourceSet): Node[] {
  const lists = new Map<NodeResources, Pick<Node, "cores" | "gpus">>();
  return set.nodes.map(({ rank, hostname = `rank${rank}`, resources }) => {
    // One array for all nodes with the same ids: most clusters have few kinds of nodes.
    let ids = lists.get(resources);
    if (!ids) {
      ids = { cores: [...resources.ids("core")], gpus: [...resources.ids("gpu")] };
      lists.set(resources, ids);
    }
    return { rank, hostname, ...ids };
  });
}

/** The topology of an instance's resources. */
export function topologyOf(set: ResourceSet): Topology {
  return new Topology(nodesOf(set), set.properties);
}
