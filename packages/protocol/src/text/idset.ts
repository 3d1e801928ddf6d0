/**
 * Idset (RFC 22): a set of non-negative integers, written `0-3,7`.
 *
 * A set is held as the sorted edges of its ranges, so `0-1000000` costs two numbers: an id belongs
 * to the set when an odd number of edges is at or below it. Work and memory follow the number of
 * ranges, which the length of the parsed text bounds, and never the number of ids.
 */
import { FluxError } from "../rpc/error.ts";

/** RFC 22 names no largest id; flux-core's sets end here, and peers refuse more. */
export const MAX_ID = 2 ** 31 - 1;

export class Idset implements Iterable<number> {
  /** First id of a range, then the first id after it, and so on; strictly ascending. */
  #edges: number[] = [];
  #size = 0;

  /**
   * Reads idset text such as `0-3,7`, `[1-2]` or the empty string.
   * @throws FluxError EINVAL when elements do not ascend, or the text is malformed
   */
  static parse(text: string): Idset {
    const set = new Idset();
    for (const element of unbracket(text).split(",")) {
      if (element !== "") set.#append(element); // as flux-core: `1,,2` and `1,` are no errors
    }
    return set;
  }

  /** The set of these ids, in any order. */
  static of(...ids: readonly number[]): Idset {
    return Idset.from(ids);
  }

  /** The set of these ids, in any order. */
  static from(ids: Iterable<number>): Idset {
    const set = new Idset();
    for (const id of ids) set.add(id);
    return set;
  }

  /** The set `first` to `last`, both included. */
  static range(first: number, last: number): Idset {
    return new Idset().addRange(first, last);
  }

  /** Number of ids. */
  get size(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  has(id: number): boolean {
    return countUpTo(this.#edges, id) % 2 === 1;
  }

  /** Smallest id; undefined when empty. */
  first(): number | undefined {
    return this.#edges[0];
  }

  /** Largest id; undefined when empty. */
  last(): number | undefined {
    const end = this.#edges.at(-1);
    return end === undefined ? undefined : end - 1;
  }

  /** Smallest id above `id`; undefined when there is none. */
  next(id: number): number | undefined {
    const index = countUpTo(this.#edges, id + 1);
    return index % 2 === 1 ? id + 1 : this.#edges[index];
  }

  add(id: number): this {
    return this.addRange(id, id);
  }

  remove(id: number): this {
    return this.removeRange(id, id);
  }

  /** Adds `first` to `last`, both included. */
  addRange(first: number, last: number): this {
    return this.#overwrite(first, last, 0);
  }

  /** Removes `first` to `last`, both included. */
  removeRange(first: number, last: number): this {
    return this.#overwrite(first, last, 1);
  }

  /** The ids in either set, as a new set. */
  union(other: Idset): Idset {
    return this.#merge(other, (here, there) => here || there);
  }

  /** The ids in both sets, as a new set. */
  intersect(other: Idset): Idset {
    return this.#merge(other, (here, there) => here && there);
  }

  /** The ids in this set but not in `other`, as a new set. */
  subtract(other: Idset): Idset {
    return this.#merge(other, (here, there) => here && !there);
  }

  /** True when every id of `other` is in this set. */
  includes(other: Idset): boolean {
    return other.subtract(this).isEmpty;
  }

  equals(other: Idset): boolean {
    const edges = other.#edges;
    return edges.length === this.#edges.length && edges.every((edge, i) => edge === this.#edges[i]);
  }

  clone(): Idset {
    const copy = new Idset();
    copy.#edges = this.#edges.slice();
    copy.#size = this.#size;
    return copy;
  }

  /** Ids in ascending order. */
  *[Symbol.iterator](): IterableIterator<number> {
    for (const [first, last] of this.ranges()) {
      for (let id = first; id <= last; id++) yield id;
    }
  }

  /** Runs of consecutive ids as `[first, last]`, ascending. */
  *ranges(): IterableIterator<readonly [first: number, last: number]> {
    for (let i = 0; i + 1 < this.#edges.length; i += 2) {
      yield [this.#edges[i]!, this.#edges[i + 1]! - 1];
    }
  }

  /** RFC 22 text with ranges; `brackets` surround it when it has more than one id. */
  encode(options: { brackets?: boolean } = {}): string {
    const elements: string[] = [];
    for (const [first, last] of this.ranges()) {
      elements.push(first === last ? `${first}` : `${first}-${last}`);
    }
    const text = elements.join(",");
    return options.brackets && this.#size > 1 ? `[${text}]` : text;
  }

  toString(): string {
    return this.encode();
  }

  /** Adds one element of idset text, which must lie above all ids so far. */
  #append(element: string): void {
    const match = /^(0|[1-9][0-9]*)(?:-([1-9][0-9]*))?$/.exec(element);
    const first = Number(match?.[1]);
    const last = match?.[2] === undefined ? first : Number(match[2]);
    if (!match || (match[2] !== undefined && last <= first)) {
      throw new FluxError("EINVAL", `error parsing range '${element}'`);
    }
    const end = this.#edges.at(-1) ?? 0;
    if (first < end) throw new FluxError("EINVAL", `range '${element}' is out of order`);
    if (last > MAX_ID) throw new FluxError("EINVAL", "set universe size would exceed maximum");
    this.#size += last - first + 1;
    if (first === end && this.#edges.length > 0) this.#edges.pop();
    else this.#edges.push(first);
    this.#edges.push(last + 1);
  }

  /**
   * Makes `first` to `last` members (parity 0) or not (parity 1). The edges inside go away; one is
   * put at either end if the neighbour there differs, that is if its index has the given parity.
   */
  #overwrite(first: number, last: number, parity: 0 | 1): this {
    checkRange(first, last);
    const from = countUpTo(this.#edges, first - 1);
    const to = countUpTo(this.#edges, last + 1);
    const edges: number[] = [];
    if (from % 2 === parity) edges.push(first);
    if (to % 2 === parity) edges.push(last + 1);
    const removed = this.#edges.splice(from, to - from, ...edges);
    this.#size += width(edges, from) - width(removed, from);
    return this;
  }

  #merge(other: Idset, keep: (here: boolean, there: boolean) => boolean): Idset {
    const a = this.#edges;
    const b = other.#edges;
    const result = new Idset();
    for (let i = 0, j = 0; i < a.length || j < b.length; ) {
      const edge = Math.min(a[i] ?? Infinity, b[j] ?? Infinity);
      if (a[i] === edge) i++;
      if (b[j] === edge) j++;
      const inside = result.#edges.length % 2 === 1;
      if (keep(i % 2 === 1, j % 2 === 1) !== inside) result.#edges.push(edge);
    }
    result.#size = width(result.#edges, 0);
    return result;
  }
}

/** How many edges are at or below `id`. */
function countUpTo(edges: readonly number[], id: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! <= id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** What the edges contribute to the size when the first of them has this index: ends minus starts. */
function width(edges: readonly number[], index: number): number {
  return edges.reduce((sum, edge, i) => ((index + i) % 2 === 1 ? sum + edge : sum - edge), 0);
}

/** Drops the optional surrounding brackets (RFC 22). */
function unbracket(text: string): string {
  const inner = text.length >= 2 && text.startsWith("[") && text.endsWith("]");
  const body = inner ? text.slice(1, -1) : text;
  if (/[[\]]/.test(body)) throw new FluxError("EINVAL", "mismatched or nested brackets");
  return body;
}

function checkRange(first: number, last: number): void {
  const whole = Number.isSafeInteger(first) && Number.isSafeInteger(last);
  if (whole && first >= 0 && first <= last && last <= MAX_ID) return;
  const text = first === last ? `id ${first}` : `range ${first}-${last}`;
  throw new FluxError("EINVAL", `idset ${text} is out of range`);
}
