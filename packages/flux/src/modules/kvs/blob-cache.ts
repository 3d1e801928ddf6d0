import { Directory, type EncodeText } from "./directory.ts";

/** A blob as it is, as the directory that it holds, or both. */
interface Entry {
  bytes: Uint8Array | undefined;
  /** Null: it is no directory. */
  directory: Directory | null | undefined;
  /** Length of the blob. */
  readonly sizeBytes: number;
  /** What it costs to keep, roughly. */
  readonly weight: number;
}

export interface BlobCacheOptions {
  /** Entries that were not used for this long go. */
  maxAgeSeconds: number;
  /** So much is kept, or twice as much. */
  maxBytes: number;
  encode: EncodeText;
}

/** What an entry costs besides its bytes. */
const entryWeight = 300;

/**
 * What the KVS of one rank has at hand of the content store: directories in parsed form, values as
 * bytes. Everything in it can be loaded again. There are two generations: what is used is in the young
 * one, which becomes the old one when it is full or half as old as entries may get; what is in the old
 * one by then is dropped. That happens in `trim` and `tick` only, never while something is looked up.
 */
export class BlobCache {
  #young = new Map<string, Entry>();
  #old = new Map<string, Entry>();
  readonly #options: BlobCacheOptions;
  #weight = 0;
  #turnedAt = 0;

  constructor(options: BlobCacheOptions) {
    this.#options = options;
  }

  has(ref: string): boolean {
    return this.#young.has(ref) || this.#old.has(ref);
  }

  bytes(ref: string): Uint8Array | undefined {
    const entry = this.#use(ref);
    if (entry && !entry.bytes) entry.bytes = entry.directory?.encode(this.#options.encode);
    return entry?.bytes;
  }

  /** The directory in a blob, null if it holds none, undefined if the blob is not here. */
  directory(ref: string): Directory | null | undefined {
    const entry = this.#use(ref);
    if (entry?.directory === undefined && entry?.bytes) {
      entry.directory = parse(entry.bytes);
      // What is a directory is hardly ever read as bytes.
      if (entry.directory) entry.bytes = undefined;
    }
    return entry?.directory;
  }

  add(ref: string, bytes: Uint8Array): void {
    const sizeBytes = bytes.length;
    this.#add(ref, { bytes, directory: undefined, sizeBytes, weight: entryWeight + sizeBytes });
  }

  addDirectory(ref: string, directory: Directory, sizeBytes: number): void {
    const weight = entryWeight + directory.ownWeight;
    this.#add(ref, { bytes: undefined, directory, sizeBytes, weight });
  }

  /** Drop what is too much. */
  trim(): void {
    if (this.#weight > this.#options.maxBytes) this.#turn();
  }

  /** It is `now` (seconds on any monotonic clock): drop what is old. */
  tick(now: number): void {
    if (now - this.#turnedAt < this.#options.maxAgeSeconds / 2) return;
    this.#turnedAt = now;
    this.#turn();
  }

  /** Lengths of the blobs. */
  get sizes(): number[] {
    return [...this.#young.values(), ...this.#old.values()].map(({ sizeBytes }) => sizeBytes);
  }

  #turn(): void {
    this.#old = this.#young;
    this.#young = new Map();
    this.#weight = 0;
  }

  #use(ref: string): Entry | undefined {
    const young = this.#young.get(ref);
    if (young) return young;
    const old = this.#old.get(ref);
    if (!old) return undefined;
    this.#old.delete(ref);
    this.#add(ref, old);
    return old;
  }

  #add(ref: string, entry: Entry): void {
    if (this.has(ref)) return;
    this.#young.set(ref, entry);
    this.#weight += entry.weight;
  }
}

function parse(bytes: Uint8Array): Directory | null {
  try {
    return Directory.parse(bytes) ?? null;
  } catch {
    // Any bytes may be a value: not being a directory is no error here.
    return null;
  }
}
