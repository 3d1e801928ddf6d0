/** Hostlist (RFC 29): an ordered list of host names, with repetitions, written `node[0-9],login`. */
import { FluxError } from "../rpc/error.ts";
import {
  canonical,
  commonWidth,
  compareRanges,
  countHosts,
  findHost,
  type HostRange,
  hostAt,
  overlaps,
  singleHost,
  withoutHost,
} from "./host-range.ts";
import { formatHostRanges, parseHostRanges } from "./hostlist-text.ts";

/** Most hosts in one list. */
export const MAX_HOSTS = 2 ** 22;

export class Hostlist implements Iterable<string> {
  #ranges: HostRange[] = [];
  #size = 0;

  /**
   * Reads hostlist text; the empty string is the empty list.
   * @throws FluxError EINVAL
   */
  static parse(text: string): Hostlist {
    return new Hostlist().append(text);
  }

  /** The list of these names, each taken as it is. */
  static from(names: Iterable<string>): Hostlist {
    const list = new Hostlist();
    for (const name of names) list.push(name);
    return list;
  }

  /** Number of hosts, repetitions included. */
  get size(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** The host at this index from 0; undefined beyond the end. */
  nth(index: number): string | undefined {
    let start = 0;
    for (const range of this.#ranges) {
      const end = start + countHosts(range);
      if (index >= start && index < end) return hostAt(range, index - start);
      start = end;
    }
    return undefined;
  }

  /** Index of the first host with this name; undefined when it is not listed. */
  find(name: string): number | undefined {
    return this.#locate(name)?.index;
  }

  has(name: string): boolean {
    return this.#locate(name) !== undefined;
  }

  /** Adds hosts at the end. Throws EINVAL for malformed text and for more than MAX_HOSTS. */
  append(hosts: string | Hostlist): this {
    const ranges = typeof hosts === "string" ? parseHostRanges(hosts) : hosts.#ranges.slice();
    for (const range of ranges) this.#push(range);
    return this;
  }

  /** Adds one name at the end, as it is. */
  push(name: string): this {
    this.#push(singleHost(name));
    return this;
  }

  /** Removes the first host of each of these names; returns how many were found. */
  delete(hosts: string | Hostlist): number {
    let count = 0;
    for (const name of typeof hosts === "string" ? Hostlist.parse(hosts) : hosts.clone()) {
      const found = this.#locate(name);
      if (!found) continue;
      const rest = withoutHost(this.#ranges[found.range]!, found.offset);
      this.#ranges.splice(found.range, 1, ...rest);
      this.#size--;
      count++;
    }
    return count;
  }

  /** Sorts by prefix and number; repetitions stay. */
  sort(): this {
    const sorted = this.#takeSorted();
    for (let i = 0; i < sorted.length; ) {
      let reach = sorted[i]!;
      const overlapping = [reach];
      for (i++; i < sorted.length && overlaps(reach, sorted[i]!); i++) {
        overlapping.push(sorted[i]!);
        reach = further(reach, sorted[i]!);
      }
      for (const range of interleave(overlapping)) this.#push(range);
    }
    return this;
  }

  /** Sorts, and keeps one host of each name. */
  uniq(): this {
    let reach: HostRange | undefined;
    for (const range of this.#takeSorted()) {
      const rest = reach && overlaps(reach, range) ? beyond(reach, range) : range;
      if (rest) this.#push(rest);
      reach = reach && overlaps(reach, range) ? further(reach, range) : range;
    }
    return this;
  }

  /** The hosts of both lists, sorted, each once. */
  union(other: Hostlist): Hostlist {
    return this.clone().append(other).uniq();
  }

  /** The hosts that both lists have, sorted, each once. */
  intersect(other: Hostlist): Hostlist {
    const names = new Set(other);
    return this.#filter((name) => names.has(name)).uniq();
  }

  /** The hosts that `other` lacks, in the order and number they have here. */
  subtract(other: Hostlist): Hostlist {
    const names = new Set(other);
    return this.#filter((name) => !names.has(name));
  }

  /** The hosts that only one of the lists has, sorted, each once. */
  xor(other: Hostlist): Hostlist {
    return this.subtract(other).append(other.subtract(this)).uniq();
  }

  /** The hosts at these indices; those beyond the end are left out. */
  select(indices: Iterable<number>): Hostlist {
    const names = [...this];
    const list = new Hostlist();
    for (const index of indices) {
      const name = names[index];
      if (name !== undefined) list.push(name);
    }
    return list;
  }

  /** Same names in the same order. */
  equals(other: Hostlist): boolean {
    if (this.#size !== other.#size) return false;
    const names = other[Symbol.iterator]();
    for (const name of this) if (name !== names.next().value) return false;
    return true;
  }

  clone(): Hostlist {
    const copy = new Hostlist();
    copy.#ranges = this.#ranges.slice();
    copy.#size = this.#size;
    return copy;
  }

  /** Host names in order. */
  *[Symbol.iterator](): IterableIterator<string> {
    for (const range of this.#ranges) {
      const count = countHosts(range);
      for (let i = 0; i < count; i++) yield hostAt(range, i);
    }
  }

  /** Hostlist text in which neighbours are merged. */
  encode(): string {
    return formatHostRanges(this.#ranges);
  }

  toString(): string {
    return this.encode();
  }

  #locate(name: string): { index: number; range: number; offset: number } | undefined {
    let start = 0;
    for (const [range, hosts] of this.#ranges.entries()) {
      const offset = findHost(hosts, name);
      if (offset !== undefined) return { index: start + offset, range, offset };
      start += countHosts(hosts);
    }
    return undefined;
  }

  #filter(keep: (name: string) => boolean): Hostlist {
    const list = new Hostlist();
    for (const name of this) if (keep(name)) list.push(name);
    return list;
  }

  /** Empties the list, and returns what it had as canonical ranges in order. */
  #takeSorted(): HostRange[] {
    const sorted = canonical(this.#ranges).sort(compareRanges);
    this.#ranges = [];
    this.#size = 0;
    return sorted;
  }

  /** Adds a range, joined with the last one where it goes on from there. */
  #push(range: HostRange): void {
    const count = countHosts(range);
    if (this.#size + count > MAX_HOSTS)
      throw new FluxError("EINVAL", "hostlist has too many hosts");
    this.#size += count;
    const tail = this.#ranges.at(-1);
    const width = tail && commonWidth(tail, range);
    if (width !== undefined && tail?.numbers?.high === range.numbers!.low - 1) {
      const numbers = { low: tail.numbers.low, high: range.numbers!.high, width };
      this.#ranges[this.#ranges.length - 1] = { prefix: tail.prefix, numbers };
    } else {
      this.#ranges.push(range);
    }
  }
}

/** Of two overlapping ranges the one that ends later. */
function further(a: HostRange, b: HostRange): HostRange {
  return (b.numbers?.high ?? 0) > (a.numbers?.high ?? 0) ? b : a;
}

/** The part of `range` above the end of `reach`; undefined when there is none. */
function beyond(reach: HostRange, range: HostRange): HostRange | undefined {
  if (!reach.numbers || !range.numbers || range.numbers.high <= reach.numbers.high)
    return undefined;
  return { ...range, numbers: { ...range.numbers, low: reach.numbers.high + 1 } };
}

/** The hosts of overlapping ranges in ascending order, one by one. */
function interleave(ranges: readonly HostRange[]): readonly HostRange[] {
  if (ranges.length === 1) return ranges;
  const hosts: HostRange[] = [];
  for (const range of ranges) {
    if (!range.numbers) hosts.push(range);
    for (let n = range.numbers?.low ?? 1; n <= (range.numbers?.high ?? 0); n++) {
      hosts.push({
        prefix: range.prefix,
        numbers: { low: n, high: n, width: range.numbers!.width },
      });
    }
  }
  return hosts.sort(compareRanges);
}
