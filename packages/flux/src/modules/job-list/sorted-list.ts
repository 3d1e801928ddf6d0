/** A chunk grows to this and is then split, so that no insertion moves more items. */
const maxChunk = 512;

/**
 * Items in a total order: jobs come and go one at a time, and listings read from the start. An item
 * must not change what the order depends on while it is in the list.
 */
export class SortedList<T> implements Iterable<T> {
  readonly #compare: (a: T, b: T) => number;
  readonly #chunks: T[][] = [];
  #size = 0;

  /** `compare` is negative if the first comes before the second, and 0 only for the same item. */
  constructor(compare: (a: T, b: T) => number) {
    this.#compare = compare;
  }

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    this.#size++;
    const at = Math.min(this.#chunkFor(item), this.#chunks.length - 1);
    const chunk = this.#chunks[at];
    if (!chunk) {
      this.#chunks.push([item]);
      return;
    }
    chunk.splice(this.#placeIn(chunk, item), 0, item);
    if (chunk.length > maxChunk) this.#chunks.splice(at + 1, 0, chunk.splice(maxChunk / 2));
  }

  /** False if it is not there. */
  delete(item: T): boolean {
    const at = this.#chunkFor(item);
    const chunk = this.#chunks[at];
    if (!chunk) return false;
    const place = this.#placeIn(chunk, item);
    if (this.#compare(chunk[place]!, item) !== 0) return false;
    chunk.splice(place, 1);
    if (chunk.length === 0) this.#chunks.splice(at, 1);
    this.#size--;
    return true;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (const chunk of this.#chunks) yield* chunk;
  }

  /** Index of the first chunk that ends with the item or one after it. */
  #chunkFor(item: T): number {
    return firstIndex(this.#chunks.length, (at) => {
      return this.#compare(this.#chunks[at]!.at(-1)!, item) >= 0;
    });
  }

  /** Where the item is in a chunk, or belongs. */
  #placeIn(chunk: readonly T[], item: T): number {
    return firstIndex(chunk.length, (at) => this.#compare(chunk[at]!, item) >= 0);
  }
}

/** The smallest index below `length` that passes a test which all after it pass, too; else `length`. */
function firstIndex(length: number, test: (at: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (test(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
