import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { Share } from "./match.ts";
import type { ResourcePool } from "./pool.ts";
import type { Topology } from "./topology.ts";
import { writeR } from "./write-r.ts";

/** Resources by state, each as R: the payload of `sched.resource-status`. */
export interface PoolStatus {
  readonly all: JsonObject;
  readonly allocated: JsonObject;
  readonly down: JsonObject;
}

export function poolStatus(pool: ResourcePool, scheduling?: JsonObject): PoolStatus {
  const { topology, expiration } = pool;
  const terms = { starttime: 0, expiration };
  const present = topology.nodes.flatMap((_, node) => (topology.isPresent(node) ? [node] : []));
  const whole = (nodes: number[]): Share[] => nodes.map((node) => wholeNode(topology, node));
  const write = (shares: Share[], extras = {}) => writeR(topology, shares, terms, extras).R;
  return {
    all: write(whole(present), { scheduling, localProperties: true }),
    allocated: write(allocatedShares(pool), { localProperties: true }),
    down: write(whole(present.filter((node) => !pool.isUp(node)))),
  };
}

function wholeNode(topology: Topology, node: number): Share {
  const { cores = [], gpus = [] } = topology.nodes[node] ?? {};
  return { node, cores: [...cores.keys()], gpus: [...gpus.keys()] };
}

/** What jobs hold, node by node. */
function allocatedShares({ jobs, topology }: ResourcePool): Share[] {
  const held = new Map<number, { cores: Set<number>; gpus: Set<number> }>();
  for (const { shares } of jobs.values()) {
    for (const { node, cores, gpus } of shares) {
      if (!topology.isPresent(node)) continue;
      const seen = held.get(node) ?? { cores: new Set(), gpus: new Set() };
      held.set(node, seen);
      for (const core of cores) seen.cores.add(core);
      for (const gpu of gpus) seen.gpus.add(gpu);
    }
  }
  const sorted = (set: Set<number>): number[] => [...set].sort((a, b) => a - b);
  return [...held].map(([node, { cores, gpus }]) => ({
    node,
    cores: sorted(cores),
    gpus: sorted(gpus),
  }));
}
