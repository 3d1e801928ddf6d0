import { lowestBit } from "./bits.ts";

/**
 * Which cores (or gpus) of each node are free. They are known by their position in the node's list
 * of ids, so that sparse ids cost nothing.
 */
export class FreeIds {
  readonly #words: Uint32Array;
  readonly #counts: Int32Array;
  readonly #stride: number;

  private constructor(words: Uint32Array, counts: Int32Array, stride: number) {
    this.#words = words;
    this.#counts = counts;
    this.#stride = stride;
  }

  /** All free; `sizes`: how many each node has. */
  static all(sizes: readonly number[]): FreeIds {
    const stride = (sizes.reduce((most, size) => Math.max(most, size), 0) + 31) >>> 5;
    const free = new FreeIds(
      new Uint32Array(stride * sizes.length),
      new Int32Array(sizes.length),
      stride,
    );
    for (const [node, size] of sizes.entries()) {
      for (let position = 0; position < size; position++) free.#set(node, position);
    }
    return free;
  }

  copy(): FreeIds {
    return new FreeIds(this.#words.slice(), this.#counts.slice(), this.#stride);
  }

  count(node: number): number {
    return this.#counts[node] ?? 0;
  }

  /** The `wanted` lowest free positions, which must be there. They stay free. */
  lowest(node: number, wanted: number): number[] {
    const positions: number[] = [];
    const start = node * this.#stride;
    for (let i = 0; positions.length < wanted && i < this.#stride; i++) {
      let word = this.#words[start + i] ?? 0;
      for (; word !== 0 && positions.length < wanted; word &= word - 1) {
        positions.push((i << 5) + lowestBit(word));
      }
    }
    return positions;
  }

  take(node: number, positions: readonly number[]): void {
    for (const position of positions) {
      const at = node * this.#stride + (position >>> 5);
      const bit = 1 << (position & 31);
      const word = this.#words[at] ?? 0;
      if ((word & bit) === 0) continue;
      this.#words[at] = word & ~bit;
      this.#counts[node] = (this.#counts[node] ?? 0) - 1;
    }
  }

  release(node: number, positions: readonly number[]): void {
    for (const position of positions) this.#set(node, position);
  }

  #set(node: number, position: number): void {
    const at = node * this.#stride + (position >>> 5);
    const bit = 1 << (position & 31);
    const word = this.#words[at] ?? 0;
    if ((word & bit) !== 0) return;
    this.#words[at] = word | bit;
    this.#counts[node] = (this.#counts[node] ?? 0) + 1;
  }
}
