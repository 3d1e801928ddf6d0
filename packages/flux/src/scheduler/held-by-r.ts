import { parseR } from "@flux-ts/protocol/resource/resource-set-json";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { Share } from "./match.ts";
import type { Allocation } from "./pool.ts";
import { nodesOf } from "./read-r.ts";
import type { Topology } from "./topology.ts";

/**
 * The allocation that a running job's R stands for (RFC 27 hello), without the ranks that it gave
 * back already. Throws EINVAL if the pool has no such rank any more.
 */
export function allocationOf(topology: Topology, R: JsonObject, freed = new Idset()): Allocation {
  const set = parseR(R);
  const held = nodesOf(set).filter(({ rank }) => !freed.has(rank));
  const missing = held.filter(({ rank }) => topology.indexOf(rank) === undefined);
  if (missing.length > 0) {
    const ranks = Idset.from(missing.map(({ rank }) => rank)).encode();
    throw new FluxError("EINVAL", `allocation contains ranks not in resource pool: ${ranks}`);
  }
  const shares = held.map(({ rank, cores, gpus }): Share => {
    const node = topology.indexOf(rank) ?? 0;
    const has = topology.nodes[node];
    return { node, cores: positions(cores, has?.cores), gpus: positions(gpus, has?.gpus) };
  });
  return { shares, nslots: set.nslots, endTime: set.expiration };
}

function positions(ids: readonly number[], all: readonly number[] = []): number[] {
  // Nearly always the ids are 0, 1, 2 ... and so equal to their positions.
  const at = (id: number): number => (all[id] === id ? id : all.indexOf(id));
  return ids.map(at).filter((position) => position >= 0);
}

/** The nodes that an R names, for giving them back (RFC 27 free). Throws EINVAL for an unknown one. */
export function nodesNamedBy(topology: Topology, R: JsonObject): number[] {
  const execution = isJsonObject(R.execution) ? R.execution : {};
  const nodes = new Set<number>();
  for (const entry of Array.isArray(execution.R_lite) ? execution.R_lite : []) {
    if (!isJsonObject(entry) || typeof entry.rank !== "string") continue;
    for (const rank of Idset.parse(entry.rank)) {
      const node = topology.everIndexOf(rank);
      if (node === undefined) throw new FluxError("EINVAL", `rank ${rank} is in no resource pool`);
      nodes.add(node);
    }
  }
  return [...nodes];
}
