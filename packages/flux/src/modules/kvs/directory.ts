import {
  type Dir,
  dir,
  encodeTreeObject,
  parseTreeObject,
  type TreeObject,
} from "@flux-ts/protocol/kvs/treeobj";
import { decodeUtf8 } from "@flux-ts/protocol/message/text";
import { compareUtf8 } from "@flux-ts/protocol/text/utf8";

/** Entries that lie together; a change copies and prints anew only the chunks it is in. */
interface Chunk {
  readonly names: readonly string[];
  readonly entries: readonly TreeObject[];
  /** The text of the entries, once it was needed. */
  bytes: Uint8Array | undefined;
}

/** UTF-8 bytes of a text. */
export type EncodeText = (text: string) => Uint8Array;

const maxChunk = 64;
/** What an entry takes in memory, roughly, and a reference to a chunk. */
const entryWeight = 250;
const chunkWeight = 8;
const head = '{"data":{';
const comma = new Uint8Array([0x2c]);
const tail = '},"type":"dir","ver":1}';

/**
 * A KVS directory (RFC 11 dir) that is never changed: `with` makes another one that shares what is
 * equal. The format has a directory in one blob however large it is; keeping it sorted and printed in
 * chunks leaves joining and hashing them as the price of a commit.
 */
export class Directory {
  static readonly empty = new Directory([]);
  readonly #chunks: readonly Chunk[];
  /** What it takes in memory besides the chunks it shares with the directory it was made from. */
  readonly ownWeight: number;
  #object: Dir | undefined;

  private constructor(chunks: readonly Chunk[], ownEntries = 0) {
    this.#chunks = chunks;
    this.ownWeight = ownEntries * entryWeight + chunks.length * chunkWeight;
  }

  /** A directory from its blob. EPROTO if it is none. */
  static parse(bytes: Uint8Array): Directory | undefined {
    const object = parseTreeObject(decodeUtf8(bytes));
    return object.type === "dir" ? Directory.from(object) : undefined;
  }

  static from(object: Dir): Directory {
    return Directory.empty.with(new Map(Object.entries(object.data)));
  }

  get count(): number {
    return this.#chunks.reduce((sum, { names }) => sum + names.length, 0);
  }

  get(name: string): TreeObject | undefined {
    const chunk = this.#chunks[this.#chunkOf(name)];
    if (!chunk) return undefined;
    const index = lowerBound(chunk.names, name);
    return chunk.names[index] === name ? chunk.entries[index] : undefined;
  }

  /** This directory with entries put (or, where null, removed). */
  with(changes: ReadonlyMap<string, TreeObject | null>): Directory {
    const names = [...changes.keys()];
    if (names.length > 1) names.sort(compareUtf8);
    const chunks: Chunk[] = [];
    let copied = 0;
    let ownEntries = 0;
    for (let i = 0; i < names.length; ) {
      const target = this.#chunkOf(names[i]!);
      const end = this.#endOf(target, names, i + 1);
      for (; copied < target; copied++) chunks.push(this.#chunks[copied]!);
      const here = names.slice(i, end);
      ownEntries += pushMerged(chunks, this.#chunks[target], here, changes);
      copied = target + 1;
      i = end;
    }
    for (; copied < this.#chunks.length; copied++) chunks.push(this.#chunks[copied]!);
    return new Directory(chunks, ownEntries);
  }

  /** The blob: compact JSON text with sorted names. */
  encode(toBytes: EncodeText): Uint8Array {
    if (this.#chunks.length < 2) return toBytes(head + this.#chunks.map(textOf).join() + tail);
    const parts = [toBytes(head)];
    for (const chunk of this.#chunks) {
      if (parts.length > 1) parts.push(comma);
      chunk.bytes ??= toBytes(textOf(chunk));
      parts.push(chunk.bytes);
    }
    parts.push(toBytes(tail));
    return concat(parts);
  }

  /** As a tree object, for responses: shared, not to be changed. */
  get object(): Dir {
    this.#object ??= dir(
      Object.fromEntries(
        this.#chunks.flatMap(({ names, entries }) =>
          names.map((name, index): [string, TreeObject] => [name, entries[index]!]),
        ),
      ),
    );
    return this.#object;
  }

  /** Index of the chunk that a name is in or would be put into. */
  #chunkOf(name: string): number {
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (compareUtf8(this.#chunks[middle]!.names[0]!, name) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Where the sorted names stop belonging into chunk `target`. */
  #endOf(target: number, names: readonly string[], from: number): number {
    const next = this.#chunks[target + 1]?.names[0];
    if (next === undefined) return names.length;
    let end = from;
    while (end < names.length && compareUtf8(names[end]!, next) < 0) end++;
    return end;
  }
}

/** First index whose name is not before `name`. */
function lowerBound(names: readonly string[], name: string): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareUtf8(names[middle]!, name) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Merge the changes of `sorted` names into a chunk, and push what comes of it: none, one or more. Returns
 * the number of entries in what was pushed.
 */
function pushMerged(
  chunks: Chunk[],
  chunk: Chunk | undefined,
  sorted: readonly string[],
  changes: ReadonlyMap<string, TreeObject | null>,
): number {
  const names: string[] = [];
  const entries: TreeObject[] = [];
  let copied = 0;
  for (const name of sorted) {
    const index = chunk ? lowerBound(chunk.names, name) : 0;
    for (; chunk && copied < index; copied++) {
      names.push(chunk.names[copied]!);
      entries.push(chunk.entries[copied]!);
    }
    if (chunk?.names[index] === name) copied = index + 1;
    const entry = changes.get(name);
    if (!entry) continue;
    names.push(name);
    entries.push(entry);
  }
  for (; chunk && copied < chunk.names.length; copied++) {
    names.push(chunk.names[copied]!);
    entries.push(chunk.entries[copied]!);
  }
  const parts = Math.ceil(names.length / maxChunk);
  const step = Math.ceil(names.length / Math.max(1, parts));
  for (let from = 0; from < names.length; from += step) {
    const to = from + step;
    chunks.push({
      names: parts === 1 ? names : names.slice(from, to),
      entries: parts === 1 ? entries : entries.slice(from, to),
      bytes: undefined,
    });
  }
  return names.length;
}

function textOf({ names, entries }: Chunk): string {
  let text = "";
  for (let i = 0; i < names.length; i++) {
    if (i > 0) text += ",";
    text += `${JSON.stringify(names[i])}:${encodeTreeObject(entries[i]!)}`;
  }
  return text;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
