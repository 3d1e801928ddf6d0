import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { type Bits, hasBit } from "./bits.ts";
import type { Share } from "./match.ts";
import type { Node, Topology } from "./topology.ts";

/** Times and slots of an R; 0 is unset. */
export interface Terms {
  readonly starttime: number;
  readonly expiration: number;
  readonly nslots?: number;
}

/** What else an R carries. */
export interface Extras {
  /** The scheduler's own part, which rides along for nested schedulers. */
  readonly scheduling?: JsonObject | undefined;
  /** Properties local to this instance (RFC 20: a leading `+`), which no job's R has. */
  readonly localProperties?: boolean;
}

export interface WrittenR {
  readonly R: JsonObject;
  /** For people: `rank[0-1]/core[0-3],gpu0`. */
  readonly summary: string;
}

/** Ranks that have the same resources. */
interface Group {
  readonly ranks: number[];
  readonly cores: readonly number[];
  readonly gpus: readonly number[];
}

/** R (RFC 20) of these resources. */
export function writeR(
  topology: Topology,
  shares: readonly Share[],
  { starttime, expiration, nslots }: Terms,
  { scheduling, localProperties = false }: Extras = {},
): WrittenR {
  const ordered = [...shares].sort((a, b) => a.node - b.node);
  const groups = groupShares(topology, ordered);
  const execution: JsonObject = {
    R_lite: groups.map(liteOf),
    starttime,
    expiration,
    ...(nslots && { nslots }),
    ...(ordered.length > 0 && { nodelist: [hostsText(topology, ordered)] }),
  };
  const properties = propertiesOf(topology, ordered, localProperties);
  if (properties) execution.properties = properties;
  return {
    R: scheduling ? { version: 1, execution, scheduling } : { version: 1, execution },
    summary: groups.map(summaryOf).join(" "),
  };
}

function groupShares(topology: Topology, ordered: readonly Share[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { node, cores, gpus } of ordered) {
    const { rank, ...has } = nodeAt(topology, node);
    const key = `${encodeIds(cores, has.cores)}/${encodeIds(gpus, has.gpus)}`;
    const group = groups.get(key);
    if (group) group.ranks.push(rank);
    else
      groups.set(key, {
        ranks: [rank],
        cores: idsAt(cores, has.cores),
        gpus: idsAt(gpus, has.gpus),
      });
  }
  return [...groups.values()];
}

function nodeAt(topology: Topology, index: number): Node {
  const node = topology.nodes[index];
  if (!node) throw new RangeError(`no node ${index}`);
  return node;
}

function idsAt(positions: readonly number[], ids: readonly number[]): number[] {
  return positions.map((position) => ids[position] ?? position);
}

function encodeIds(positions: readonly number[], ids: readonly number[]): string {
  return encodeRanges(idsAt(positions, ids));
}

/** RFC 22 text of ascending ids. */
export function encodeRanges(ids: readonly number[]): string {
  let text = "";
  for (let i = 0; i < ids.length; ) {
    const first = ids[i]!;
    let last = first;
    for (i++; ids[i] === last + 1; i++) last++;
    text += `${text ? "," : ""}${first}${last > first ? `-${last}` : ""}`;
  }
  return text;
}

function liteOf({ ranks, cores, gpus }: Group): JsonObject {
  const children: JsonObject = { core: encodeRanges(cores) };
  if (gpus.length > 0) children.gpu = encodeRanges(gpus);
  return { rank: encodeRanges(ranks), children };
}

function summaryOf({ ranks, cores, gpus }: Group): string {
  const text = `rank${bracketed(ranks)}/core${bracketed(cores)}`;
  return gpus.length > 0 ? `${text},gpu${bracketed(gpus)}` : text;
}

function bracketed(ids: readonly number[]): string {
  const text = encodeRanges(ids);
  return ids.length > 1 ? `[${text}]` : text;
}

function hostsText(topology: Topology, ordered: readonly Share[]): string {
  const hosts = ordered.map(({ node }) => nodeAt(topology, node).hostname);
  return hosts.length === 1 ? hosts[0]! : Hostlist.from(hosts).encode();
}

function propertiesOf(
  topology: Topology,
  ordered: readonly Share[],
  withLocal: boolean,
): JsonObject | undefined {
  let properties: JsonObject | undefined;
  for (const [name, nodes] of topology.properties) {
    if (!withLocal && name.startsWith("+")) continue;
    const ranks = ranksIn(topology, nodes, ordered);
    if (ranks.length === 0) continue;
    properties ??= {};
    properties[name] = encodeRanges(ranks);
  }
  return properties;
}

function ranksIn(topology: Topology, nodes: Bits, ordered: readonly Share[]): number[] {
  const ranks: number[] = [];
  for (const { node } of ordered) {
    if (hasBit(nodes, node)) ranks.push(nodeAt(topology, node).rank);
  }
  return ranks;
}
