import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";
import { type Node, Topology } from "./topology.ts";

/** What the scheduler uses of an R (RFC 20). */
export interface ReadR {
  /** In ascending order of rank. */
  readonly nodes: readonly Node[];
  readonly properties: ReadonlyMap<string, Idset>;
  /** Seconds since the epoch; 0: none. */
  readonly expiration: number;
  readonly nslots: number;
}

/** Read an R of version 1. Throws EINVAL. */
export function readR(R: JsonObject): ReadR {
  if (R.version !== 1) {
    throw new FluxError("EINVAL", `R version ${JSON.stringify(R.version)} not supported`);
  }
  const execution = isJsonObject(R.execution) ? R.execution : {};
  return {
    nodes: readNodes(execution),
    properties: readProperties(execution.properties),
    expiration: number(execution.expiration),
    nslots: number(execution.nslots),
  };
}

/** The topology of an instance's R. */
export function topologyOf({ nodes, properties }: ReadR): Topology {
  return new Topology(nodes, properties);
}

function readNodes({ R_lite, nodelist }: JsonObject): Node[] {
  const hosts = hostsOf(nodelist);
  const ids = new Map<number, { cores: Idset; gpus: Idset }>();
  for (const entry of Array.isArray(R_lite) ? R_lite : []) {
    if (!isJsonObject(entry)) throw new FluxError("EINVAL", "R_lite entry is not an object");
    const children = isJsonObject(entry.children) ? entry.children : {};
    const cores = idset(children.core);
    const gpus = idset(children.gpu);
    for (const rank of idset(entry.rank)) {
      const seen = ids.get(rank);
      ids.set(
        rank,
        seen ? { cores: seen.cores.union(cores), gpus: seen.gpus.union(gpus) } : { cores, gpus },
      );
    }
  }
  const lists = new ListCache();
  return [...ids]
    .sort(([a], [b]) => a - b)
    .map(([rank, { cores, gpus }], position) => ({
      rank,
      hostname: hosts[position] ?? `rank${rank}`,
      cores: lists.of(cores),
      gpus: lists.of(gpus),
    }));
}

/** One array for all nodes with the same ids: most clusters have few kinds of nodes. */
class ListCache {
  readonly #lists = new Map<Idset, readonly number[]>();

  of(ids: Idset): readonly number[] {
    const known = this.#lists.get(ids);
    if (known) return known;
    const list = [...ids];
    this.#lists.set(ids, list);
    return list;
  }
}

function hostsOf(nodelist: Json | undefined): string[] {
  if (!Array.isArray(nodelist)) return [];
  return nodelist.flatMap((text) => (typeof text === "string" ? [...Hostlist.parse(text)] : []));
}

function readProperties(properties: Json | undefined): Map<string, Idset> {
  if (!isJsonObject(properties)) return new Map();
  return new Map(Object.entries(properties).map(([name, ranks]) => [name, idset(ranks)]));
}

function idset(value: Json | undefined): Idset {
  return typeof value === "string" ? Idset.parse(value) : new Idset();
}

function number(value: Json | undefined): number {
  return typeof value === "number" ? value : 0;
}
