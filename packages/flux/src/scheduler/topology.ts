import { type Bits, clearBit, hasBit, newBits, setBit } from "./bits.ts";

/** A node (execution target) and what it has, by the ids that R gives. */
export interface Node {
  readonly rank: number;
  readonly hostname: string;
  /** Ascending. */
  readonly cores: readonly number[];
  readonly gpus: readonly number[];
}

/**
 * The nodes a scheduler may ever allocate: their resources and properties, not what is up or free.
 * Nodes are known by their index here, in ascending order of rank.
 */
export class Topology {
  readonly nodes: readonly Node[];
  /** Nodes of each property (RFC 20), by name in ascending order. */
  readonly properties: ReadonlyMap<string, Bits>;
  readonly maxCores: number;
  readonly maxGpus: number;
  readonly #indices = new Map<number, number>();
  readonly #present: Bits;
  #version = 0;

  /** `properties`: ranks of each. Two nodes may not have one rank. */
  constructor(nodes: readonly Node[], properties: ReadonlyMap<string, Iterable<number>>) {
    this.nodes = [...nodes].sort((a, b) => a.rank - b.rank);
    this.#present = newBits(nodes.length);
    let maxCores = 0;
    let maxGpus = 0;
    for (const [index, node] of this.nodes.entries()) {
      this.#indices.set(node.rank, index);
      setBit(this.#present, index);
      maxCores = Math.max(maxCores, node.cores.length);
      maxGpus = Math.max(maxGpus, node.gpus.length);
    }
    this.maxCores = maxCores;
    this.maxGpus = maxGpus;
    const sorted = [...properties].sort(([a], [b]) => (a < b ? -1 : 1));
    this.properties = new Map(sorted.map(([name, ranks]) => [name, this.#bitsOf(ranks)]));
  }

  get size(): number {
    return this.nodes.length;
  }

  /** Changes whenever the answer to "could this ever run" may. */
  get version(): number {
    return this.#version;
  }

  /** Index of a rank; undefined if it is not or no longer here. */
  indexOf(rank: number): number | undefined {
    const index = this.#indices.get(rank);
    return index !== undefined && this.isPresent(index) ? index : undefined;
  }

  /** Index of a rank that is or once was here: jobs free what they held on it. */
  everIndexOf(rank: number): number | undefined {
    return this.#indices.get(rank);
  }

  isPresent(index: number): boolean {
    return hasBit(this.#present, index);
  }

  /** RFC 28 shrink: the node will not come back. */
  remove(index: number): void {
    clearBit(this.#present, index);
    this.#version++;
  }

  #bitsOf(ranks: Iterable<number>): Bits {
    const bits = newBits(this.nodes.length);
    for (const rank of ranks) {
      const index = this.#indices.get(rank);
      if (index !== undefined) setBit(bits, index);
    }
    return bits;
  }
}
