import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Subtree } from "@flux-ts/protocol/services/overlay";

/** A host of the static configuration, in rank order, as far as the tree's shape depends on it. */
export interface TopologyHost {
  readonly host: string;
  /** Host of the parent; default rank 0. */
  readonly parent?: string | undefined;
}

const noParent = -1;
/** Largest fan-out from rank 0 that `mincrit` without a number accepts. */
const maxFanout = 1024;

/**
 * The shape of the tree: who is whose parent (attribute `tbon.topo`). The same on every broker, since
 * it follows from scheme, size and hosts alone.
 */
export class Topology {
  readonly size: number;
  readonly #parents: readonly number[];
  readonly #children: readonly (readonly number[])[];
  readonly #levels: readonly number[];
  readonly #subtreeSizes: readonly number[];

  /**
   * `uri`: `kary:K`, `mincrit[:K]`, `binomial` or `custom`, the last with the parents in `hosts`.
   * Throws EINVAL.
   */
  constructor(uri: string, size: number, hosts: readonly TopologyHost[] = []) {
    if (!Number.isInteger(size) || size < 1) {
      throw new FluxError("EINVAL", `invalid topology size ${size}`);
    }
    this.size = size;
    this.#parents = parentsOf(uri, size, hosts);
    this.#children = childrenOf(this.#parents);
    this.#levels = levelsOf(this.#children);
    this.#subtreeSizes = subtreeSizesOf(this.#parents, this.#levels);
  }

  /** Rank of the parent, or undefined for rank 0. */
  parentOf(rank: number): number | undefined {
    const parent = this.#parents[rank];
    return parent === noParent ? undefined : parent;
  }

  /** Ranks of the children, ascending. */
  childrenOf(rank: number): readonly number[] {
    return this.#children[rank] ?? [];
  }

  /** Hops from rank 0. */
  levelOf(rank: number): number {
    return this.#levels[rank] ?? 0;
  }

  get maxLevel(): number {
    return this.#levels.reduce((max, level) => Math.max(max, level), 0);
  }

  /** Brokers below this one. */
  descendantCount(rank: number): number {
    return (this.#subtreeSizes[rank] ?? 1) - 1;
  }

  /** The child of `from` that `to` is, or hangs below; undefined if `to` is not in its subtree. */
  childTowards(from: number, to: number): number | undefined {
    if (!Number.isInteger(to) || to <= 0 || to >= this.size) return undefined;
    let rank = to;
    for (;;) {
      const parent = this.#parents[rank]!;
      if (parent === from) return rank;
      if (parent === noParent) return undefined;
      rank = parent;
    }
  }

  /** Ranks that others depend on: rank 0 and all with children. */
  get criticalRanks(): number[] {
    const ranks = this.#children.flatMap((children, rank) => (children.length > 0 ? [rank] : []));
    return ranks[0] === 0 ? ranks : [0, ...ranks];
  }

  /** The tree below a rank, that rank included. */
  subtree(rank: number): Subtree {
    const children = this.childrenOf(rank).map((child) => this.subtree(child));
    return { rank, size: this.descendantCount(rank) + 1, children };
  }
}

function parentsOf(uri: string, size: number, hosts: readonly TopologyHost[]): number[] {
  const colon = uri.indexOf(":");
  const scheme = colon < 0 ? uri : uri.slice(0, colon);
  const argument = colon < 0 ? "" : uri.slice(colon + 1);
  switch (scheme) {
    case "kary":
      return kary(size, wholeNumber("kary", argument));
    case "mincrit":
      return mincrit(size, argument === "" ? routersFor(size) : wholeNumber("mincrit", argument));
    case "binomial":
      refuseArgument(scheme, argument);
      return binomial(size);
    case "custom":
      refuseArgument(scheme, argument);
      return custom(size, hosts);
    default:
      throw new FluxError("EINVAL", `unknown topology scheme '${scheme}'`);
  }
}

function wholeNumber(scheme: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new FluxError("EINVAL", `${scheme} k value must be an integer >= 0`);
  }
  return Number(text);
}

function refuseArgument(scheme: string, argument: string): void {
  if (argument === "") return;
  throw new FluxError("EINVAL", `unknown ${scheme} topology directive: '${argument}'`);
}

/** Rank 0 is everybody's parent. */
function flat(size: number): number[] {
  const parents = new Array<number>(size).fill(0);
  parents[0] = noParent;
  return parents;
}

function kary(size: number, k: number): number[] {
  if (k === 0) return flat(size);
  return flat(size).map((parent, rank) => (rank === 0 ? parent : Math.floor((rank - 1) / k)));
}

/** Three levels at most: rank 0, `k` routers, and the rest spread over them. */
function mincrit(size: number, k: number): number[] {
  if (k === 0) return flat(size);
  return flat(size).map((parent, rank) => (rank > k ? ((rank - k - 1) % k) + 1 : parent));
}

/** Routers needed so that none has more than `maxFanout` children. */
function routersFor(size: number): number {
  if (size <= maxFanout + 1) return 0;
  let k = 2;
  while (Math.ceil((size - 1 - k) / k) > maxFanout) k++;
  return k;
}

function binomial(size: number): number[] {
  const parents = flat(size);
  const attach = (root: number, order: number): void => {
    for (let j = 0; j < order; j++) {
      const child = root + 2 ** j;
      if (child >= size) return;
      parents[child] = root;
      attach(child, j);
    }
  };
  attach(0, Math.ceil(Math.log2(size)));
  return parents;
}

function custom(size: number, hosts: readonly TopologyHost[]): number[] {
  const parents = flat(size);
  const ranks = new Map(hosts.map(({ host }, rank) => [host, rank]));
  hosts.forEach(({ host, parent }, rank) => {
    if (parent === undefined) return;
    if (rank === 0) throw badHost(`rank 0 (${host}) may not have a parent in a tree topology`);
    const parentRank = ranks.get(parent);
    if (parentRank === undefined || parentRank >= size) {
      throw badHost(`invalid parent "${parent}" for ${host} (rank ${rank})`);
    }
    if (isBelow(parents, parentRank, rank)) {
      throw badHost(`parent "${parent}" for ${host} (rank ${rank}) violates rule against cycles`);
    }
    parents[rank] = parentRank;
  });
  return parents;
}

function badHost(text: string): FluxError {
  return new FluxError("EINVAL", `Config file error [bootstrap] hosts: ${text}`);
}

/** True if `rank` is `ancestor` or hangs below it. */
function isBelow(parents: readonly number[], rank: number, ancestor: number): boolean {
  for (let at = rank; at !== noParent; at = parents[at]!) if (at === ancestor) return true;
  return false;
}

function childrenOf(parents: readonly number[]): number[][] {
  const children: number[][] = parents.map(() => []);
  parents.forEach((parent, rank) => {
    if (parent !== noParent) children[parent]!.push(rank);
  });
  return children;
}

function levelsOf(children: readonly (readonly number[])[]): number[] {
  const levels = new Array<number>(children.length).fill(0);
  let row = children[0] ?? [];
  for (let level = 1; row.length > 0; level++) {
    for (const rank of row) levels[rank] = level;
    row = row.flatMap((rank) => children[rank]!);
  }
  return levels;
}

/** Sizes from the leaves up: deepest ranks first, each adds itself to its parent. */
function subtreeSizesOf(parents: readonly number[], levels: readonly number[]): number[] {
  const sizes = new Array<number>(parents.length).fill(1);
  const deepestFirst = [...parents.keys()].sort((a, b) => levels[b]! - levels[a]!);
  for (const rank of deepestFirst) {
    const parent = parents[rank]!;
    if (parent !== noParent) sizes[parent]! += sizes[rank]!;
  }
  return sizes;
}
