import type { Subtree } from "@flux-ts/protocol/services/overlay";
import type { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";

/** The brokers of an instance: how they hang below each other, and on which hosts they are. */
export class BrokerTree {
  readonly size: number;
  readonly #hosts: readonly string[];
  readonly #nodes = new Map<number, Subtree>();
  readonly #parents = new Map<number, number>();

  constructor(root: Subtree, hosts: Hostlist) {
    this.size = root.size;
    this.#hosts = [...hosts];
    this.#add(root);
  }

  hostOf(rank: number): string {
    return this.#hosts[rank] ?? "(null)";
  }

  /** Undefined for the leader and for ranks that are not there. */
  parentOf(rank: number): number | undefined {
    return this.#parents.get(rank);
  }

  childrenOf(rank: number): readonly number[] {
    return (this.#nodes.get(rank)?.children ?? []).map((child) => child.rank);
  }

  /** A broker and all below it. */
  ranksFrom(rank: number): Idset {
    const ranks = Idset.of(rank);
    const waiting = [rank];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      for (const child of this.childrenOf(next)) {
        ranks.add(child);
        waiting.push(child);
      }
    }
    return ranks;
  }

  #add(node: Subtree): void {
    this.#nodes.set(node.rank, node);
    for (const child of node.children) {
      this.#parents.set(child.rank, node.rank);
      this.#add(child);
    }
  }
}
