import { type Bits, clearBit, lowestBit, newBits, setBit } from "./bits.ts";

/**
 * Nodes in the order in which they are offered to jobs: most free cores first, then most free gpus,
 * then lowest rank. There is a row of bits for each pair of free counts, so that a node changes its
 * place in constant time and nothing is ever sorted.
 */
export class WorstFit {
  readonly #size: number;
  readonly #gpuSteps: number;
  readonly #rows: (Bits | undefined)[];
  readonly #counts: Int32Array;
  /** No row above this one has a node. */
  #top = 0;

  constructor(size: number, maxCores: number, maxGpus: number) {
    this.#size = size;
    this.#gpuSteps = maxGpus + 1;
    const rows = (maxCores + 1) * this.#gpuSteps;
    this.#rows = new Array<Bits | undefined>(rows).fill(undefined);
    this.#counts = new Int32Array(rows);
  }

  add(node: number, freeCores: number, freeGpus: number): void {
    const key = freeCores * this.#gpuSteps + freeGpus;
    let row = this.#rows[key];
    if (!row) {
      row = newBits(this.#size);
      this.#rows[key] = row;
    }
    setBit(row, node);
    this.#counts[key] = (this.#counts[key] ?? 0) + 1;
    if (key > this.#top) this.#top = key;
  }

  remove(node: number, freeCores: number, freeGpus: number): void {
    const key = freeCores * this.#gpuSteps + freeGpus;
    const row = this.#rows[key];
    if (!row) return;
    clearBit(row, node);
    this.#counts[key] = (this.#counts[key] ?? 0) - 1;
    while (this.#top > 0 && this.#counts[this.#top] === 0) this.#top--;
  }

  /**
   * Offer the nodes with at least `minCores` free that are in `among`, until `visit` returns false.
   * The order must not be changed meanwhile.
   */
  visit(minCores: number, among: Bits | undefined, visit: (node: number) => boolean): void {
    const last = minCores * this.#gpuSteps;
    for (let key = this.#top; key >= last; key--) {
      if (this.#counts[key] === 0) continue;
      const row = this.#rows[key];
      if (row && !visitRow(row, among, visit)) return;
    }
  }
}

function visitRow(row: Bits, among: Bits | undefined, visit: (node: number) => boolean): boolean {
  for (let i = 0; i < row.length; i++) {
    let word = row[i] ?? 0;
    if (among) word &= among[i] ?? 0;
    for (; word !== 0; word &= word - 1) {
      if (!visit((i << 5) + lowestBit(word))) return false;
    }
  }
  return true;
}
