import type { Constraint } from "../job/constraint.ts";
import { FluxError } from "../rpc/error.ts";
import type { JsonObject } from "../schema/json.ts";
import { Hostlist } from "../text/hostlist.ts";
import { Idset } from "../text/idset.ts";
import { memoized, NodeResources } from "./node-resources.ts";
import { PropertyMap } from "./property-map.ts";

/** An execution target: a broker rank, its host, and what it has. */
export interface ResourceNode {
  readonly rank: number;
  /** Missing if R has no nodelist. */
  readonly hostname: string | undefined;
  readonly resources: NodeResources;
}

/** What an R says besides resources. */
export interface ResourceSetInfo {
  /** Seconds since the epoch; 0 is unset. */
  starttime: number;
  expiration: number;
  /** Slots of an allocation; 0 if it is none. */
  nslots: number;
  /** The scheduler's own part of R, opaque to others. */
  scheduling: JsonObject | undefined;
}

/** GPU ids name devices for the job's programs, hence stay when ids are renumbered. */
const notRemapped = ["gpu"];

/**
 * A resource set: R of RFC 20, version 1. Nodes that have the same resources share them, so that
 * sets of thousands of ranks cost little more than their kinds of nodes.
 */
export class ResourceSet implements ResourceSetInfo {
  starttime = 0;
  expiration = 0;
  nslots = 0;
  scheduling: JsonObject | undefined;
  #nodes = new Map<number, ResourceNode>();
  #sorted: readonly ResourceNode[] | undefined;
  #properties = new PropertyMap();

  /** A set of these nodes. EEXIST if a rank has the same resource twice. */
  static of(nodes: Iterable<ResourceNode>, info: Partial<ResourceSetInfo> = {}): ResourceSet {
    const set = new ResourceSet();
    const union = memoized(joined);
    for (const node of nodes) set.#join(node, union);
    return Object.assign(set, info);
  }

  /** Nodes in order of rank. */
  get nodes(): readonly ResourceNode[] {
    this.#sorted ??= [...this.#nodes.values()].sort((a, b) => a.rank - b.rank);
    return this.#sorted;
  }

  get nnodes(): number {
    return this.#nodes.size;
  }

  get ranks(): Idset {
    return Idset.from(this.nodes.map(({ rank }) => rank));
  }

  /** Ranks by name of property. */
  get properties(): ReadonlyMap<string, Idset> {
    return this.#properties.ranks;
  }

  /** Names of the properties that a rank has. */
  propertiesOf(rank: number): string[] {
    return [...this.properties].filter(([, ranks]) => ranks.has(rank)).map(([name]) => name);
  }

  node(rank: number): ResourceNode | undefined {
    return this.#nodes.get(rank);
  }

  /** How many there are of a type (`core`, `gpu`), or of nodes (`node`). */
  count(type: string): number {
    if (type === "node") return this.nnodes;
    let count = 0;
    for (const { resources } of this.#nodes.values()) count += resources.count(type);
    return count;
  }

  /** Host names in order of rank, or undefined if one is missing. */
  nodelist(): Hostlist | undefined {
    const hosts = new Hostlist();
    for (const { hostname } of this.nodes) {
      if (hostname === undefined) return undefined;
      hosts.push(hostname);
    }
    return hosts;
  }

  /** Ranks on these hosts. EINVAL naming hosts that the set has not. */
  ranksOfHosts(hosts: Hostlist): Idset {
    const byHost = this.#nodesByHost();
    const ranks = new Idset();
    const missing = new Hostlist();
    for (const host of hosts) {
      const found = byHost.get(host);
      if (!found) missing.push(host);
      for (const { rank } of found ?? []) ranks.add(rank);
    }
    if (missing.size) throw new FluxError("EINVAL", `invalid hosts: ${missing.encode()}`);
    return ranks;
  }

  /**
   * Kinds of nodes and the ranks that are of each kind, by lowest rank. Empty nodes are left out.
   */
  groups(): { ranks: Idset; resources: NodeResources }[] {
    const groups = new Map<string, { ranks: Idset; resources: NodeResources }>();
    for (const { rank, resources } of this.nodes) {
      if (resources.isEmpty) continue;
      const group = groups.get(resources.key);
      if (group) group.ranks.add(rank);
      else groups.set(resources.key, { ranks: Idset.of(rank), resources });
    }
    return [...groups.values()];
  }

  /** `rank[0-1]/core[0-3],gpu0 rank2/core0`: for people. */
  dumps(): string {
    return this.groups()
      .map(({ ranks, resources }) => `rank${ranks.encode({ brackets: true })}/${resources}`)
      .join(" ");
  }

  clone(): ResourceSet {
    const copy = this.#select(this.nodes);
    copy.nslots = this.nslots;
    copy.scheduling = this.scheduling;
    return copy;
  }

  /** The nodes of these ranks; ranks that the set has not are passed over. */
  copyRanks(ranks: Idset): ResourceSet {
    return this.#select(this.nodes.filter(({ rank }) => ranks.has(rank)));
  }

  /** The nodes that fulfil a constraint. */
  filter(constraint: Constraint): ResourceSet {
    const fulfils = ({ rank, hostname = "" }: ResourceNode): boolean =>
      constraint.matches({
        rank,
        hostname,
        hasProperty: (name) => this.#properties.has(name, rank),
      });
    return this.#select(this.nodes.filter(fulfils));
  }

  /** What `other` has not. Nodes of which nothing remains are left out. */
  diff(other: ResourceSet): ResourceSet {
    const diff = memoized((a, b) => a.diff(b));
    const rest: ResourceNode[] = [];
    for (const node of this.nodes) {
      const taken = other.node(node.rank);
      const resources = taken ? diff(node.resources, taken.resources) : node.resources;
      if (!taken || !resources.isEmpty) rest.push({ ...node, resources });
    }
    return this.#select(rest);
  }

  /**
   * What both have, without properties, as flux-core does it. A rank that is another host in
   * `other` is not the same node.
   */
  intersect(other: ResourceSet): ResourceSet {
    const intersect = memoized((a, b) => a.intersect(b));
    const common: ResourceNode[] = [];
    for (const node of this.nodes) {
      const found = other.node(node.rank);
      if (!found || isOtherHost(node, found)) continue;
      const resources = intersect(node.resources, found.resources);
      if (!resources.isEmpty) common.push({ ...node, resources });
    }
    const set = this.#select(common);
    set.#properties = new PropertyMap();
    return set;
  }

  /** What either has. Times and scheduling are those of this set, if it has any. */
  union(other: ResourceSet): ResourceSet {
    return this.diff(other).append(other);
  }

  /** Add what `other` has. EEXIST, and no change, if some of it is here already. */
  append(other: ResourceSet): this {
    const union = memoized(joined);
    const before = new Map(this.#nodes);
    try {
      for (const node of other.nodes) this.#join(node, union);
    } catch (error) {
      this.#replace(before);
      throw error;
    }
    for (const [name, ranks] of other.properties) this.#properties.add(name, ranks);
    this.scheduling ??= other.scheduling;
    return this;
  }

  /** Remove these ranks. Returns how many there were. */
  removeRanks(ranks: Idset): number {
    const rest = this.nodes.filter(({ rank }) => !ranks.has(rank));
    const count = this.nnodes - rest.length;
    this.#replace(new Map(rest.map((node) => [node.rank, node])));
    this.#properties = this.#properties.only(this.ranks);
    return count;
  }

  /** Renumber ranks from 0, in their order, and the ids on each from 0, except those of GPUs. */
  remap(): this {
    const remapped = memoized((resources) => resources.remap(notRemapped));
    const order = this.nodes.map(({ rank }) => rank);
    const nodes = this.nodes.map((node, rank) => ({
      ...node,
      rank,
      resources: remapped(node.resources, NodeResources.none),
    }));
    return this.#renumber(nodes, new Map(order.map((rank, index) => [rank, index])));
  }

  /**
   * Give each node its position in this list of hosts as rank. Fails, and changes nothing, with
   * EOVERFLOW or ENOSPC if there are more or fewer hosts than nodes, ENOENT if one is not in the
   * set.
   */
  rerank(hosts: Hostlist): this {
    if (hosts.size !== this.nnodes) {
      const [errno, how] = hosts.size > this.nnodes ? ["EOVERFLOW", "greater"] : ["ENOSPC", "less"];
      const text = `Number of hosts (${hosts.size}) is ${how} than node count (${this.nnodes})`;
      throw new FluxError(errno as "EOVERFLOW" | "ENOSPC", text);
    }
    // Brokers on the same host keep their order.
    const byHost = this.#nodesByHost();
    const nodes: ResourceNode[] = [];
    const newRanks = new Map<number, number>();
    for (const host of hosts) {
      const node = byHost.get(host)?.shift();
      if (!node) throw new FluxError("ENOENT", `Host ${host} not found in resources`);
      newRanks.set(node.rank, nodes.length);
      nodes.push({ ...node, rank: nodes.length });
    }
    return this.#renumber(nodes, newRanks);
  }

  /** Name the hosts, in order of rank. EINVAL if there are not as many as nodes. */
  assignHosts(hosts: Hostlist): this {
    if (hosts.size !== this.nnodes) {
      throw new FluxError("EINVAL", `${hosts.size} hosts do not match ${this.nnodes} ranks`);
    }
    const names = hosts[Symbol.iterator]();
    const named = this.nodes.map((node) => ({ ...node, hostname: names.next().value as string }));
    this.#replace(new Map(named.map((node) => [node.rank, node])));
    return this;
  }

  /**
   * Give these ranks a property; without `ranks`, all of them. EINVAL for a name that RFC 20
   * forbids, ENOENT for ranks that are not in the set.
   */
  setProperty(name: string, ranks: Idset = this.ranks): this {
    const unknown = ranks.subtract(this.ranks);
    if (unknown.size) {
      const noun = unknown.size === 1 ? "rank" : "ranks";
      const text = `${noun} ${unknown.encode()} not found in target resource list`;
      throw new FluxError("ENOENT", text);
    }
    this.#properties.set(name, ranks);
    return this;
  }

  /** Nodes in order of rank, by host: there may be several brokers on one. */
  #nodesByHost(): Map<string, ResourceNode[]> {
    const byHost = new Map<string, ResourceNode[]>();
    for (const node of this.nodes) {
      if (node.hostname === undefined) continue;
      const there = byHost.get(node.hostname);
      if (there) there.push(node);
      else byHost.set(node.hostname, [node]);
    }
    return byHost;
  }

  /** Add a node's resources, or all of it if its rank is not here. */
  #join(node: ResourceNode, union: typeof joined): void {
    const here = this.#nodes.get(node.rank);
    const resources = here ? union(here.resources, node.resources) : node.resources;
    this.#nodes.set(node.rank, { ...(here ?? node), resources });
    this.#sorted = undefined;
  }

  #replace(nodes: Map<number, ResourceNode>): void {
    this.#nodes = nodes;
    this.#sorted = undefined;
  }

  #renumber(nodes: ResourceNode[], newRanks: ReadonlyMap<number, number>): this {
    this.#replace(new Map(nodes.map((node) => [node.rank, node])));
    this.#properties = this.#properties.renumbered(newRanks);
    return this;
  }

  /**
   * A set of these nodes with the properties they have here. Its slots are not those of the
   * whole.
   */
  #select(nodes: readonly ResourceNode[]): ResourceSet {
    const set = new ResourceSet();
    set.starttime = this.starttime;
    set.expiration = this.expiration;
    set.#replace(new Map(nodes.map((node) => [node.rank, node])));
    set.#properties = this.#properties.only(set.ranks);
    if (nodes.length) set.scheduling = this.scheduling;
    return set;
  }
}

/** Disjoint resources of one node together. */
function joined(a: NodeResources, b: NodeResources): NodeResources {
  const common = a.intersect(b);
  if (!common.isEmpty) throw new FluxError("EEXIST", `${common} is in both resource sets`);
  return a.union(b);
}

function isOtherHost(a: ResourceNode, b: ResourceNode): boolean {
  return a.hostname !== undefined && b.hostname !== undefined && a.hostname !== b.hostname;
}
