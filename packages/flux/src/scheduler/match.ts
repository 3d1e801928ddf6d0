import type { Bits } from "./bits.ts";
import type { FreeIds } from "./free-ids.ts";
import type { ResourceRequest } from "./request.ts";
import type { Topology } from "./topology.ts";
import type { WorstFit } from "./worst-fit.ts";

/** What one node gives to a job, by position in its lists of cores and gpus. */
export interface Share {
  readonly node: number;
  readonly cores: readonly number[];
  readonly gpus: readonly number[];
}

export interface Selection {
  readonly shares: readonly Share[];
  readonly nslots: number;
}

/** What is free at the moment. */
export interface Available {
  readonly topology: Topology;
  readonly cores: FreeIds;
  readonly gpus: FreeIds;
  /** The nodes that are up. */
  readonly order: WorstFit;
}

/**
 * Resources for a request out of what is available, or undefined if there is not enough. `among`:
 * the nodes that fulfil its constraint. Of a node, the lowest free cores and gpus are taken.
 */
export function select(
  available: Available,
  request: ResourceRequest,
  among: Bits | undefined,
): Selection | undefined {
  return request.nodes
    ? selectNodes(available, request, request.nodes, among)
    : selectSlots(available, request, among);
}

type Nodes = NonNullable<ResourceRequest["nodes"]>;

function selectNodes(
  { topology, cores, gpus, order }: Available,
  request: ResourceRequest,
  nodes: Nodes,
  among: Bits | undefined,
): Selection | undefined {
  const { coresPerSlot, gpusPerSlot, exclusive } = request;
  const slotsPerNode = request.slots.min;
  const needCores = slotsPerNode * coresPerSlot;
  const needGpus = slotsPerNode * gpusPerSlot;
  const chosen: number[] = [];
  order.visit(exclusive ? coresPerSlot : needCores, among, (node) => {
    const fits = exclusive
      ? cores.count(node) === topology.nodes[node]?.cores.length && gpus.count(node) >= gpusPerSlot
      : gpus.count(node) >= needGpus;
    if (fits) chosen.push(node);
    return chosen.length < nodes.max;
  });
  if (chosen.length < nodes.min) return undefined;
  const shares = chosen.map((node) =>
    exclusive
      ? shareOf(node, cores.count(node), gpus.count(node), cores, gpus)
      : shareOf(node, needCores, needGpus, cores, gpus),
  );
  return { shares, nslots: slotsPerNode * shares.length };
}

function selectSlots(
  { cores, gpus, order }: Available,
  { slots, coresPerSlot, gpusPerSlot }: ResourceRequest,
  among: Bits | undefined,
): Selection | undefined {
  const chosen: number[] = [];
  const taken: number[] = [];
  let nslots = 0;
  order.visit(coresPerSlot, among, (node) => {
    const room = slotsIn(cores.count(node), gpus.count(node), coresPerSlot, gpusPerSlot);
    const take = Math.min(room, slots.max - nslots);
    if (take > 0) {
      chosen.push(node);
      taken.push(take);
      nslots += take;
    }
    return nslots < slots.max;
  });
  if (nslots < slots.min) return undefined;
  const shares = chosen.map((node, i) => {
    const take = taken[i] ?? 0;
    return shareOf(node, take * coresPerSlot, take * gpusPerSlot, cores, gpus);
  });
  return { shares, nslots };
}

/** How many slots fit into so many cores and gpus of one node. */
export function slotsIn(
  cores: number,
  gpus: number,
  coresPerSlot: number,
  gpusPerSlot: number,
): number {
  const byCores = Math.floor(cores / coresPerSlot);
  return gpusPerSlot === 0 ? byCores : Math.min(byCores, Math.floor(gpus / gpusPerSlot));
}

const none: readonly number[] = [];

function shareOf(
  node: number,
  ncores: number,
  ngpus: number,
  cores: FreeIds,
  gpus: FreeIds,
): Share {
  return {
    node,
    cores: cores.lowest(node, ncores),
    gpus: ngpus === 0 ? none : gpus.lowest(node, ngpus),
  };
}
