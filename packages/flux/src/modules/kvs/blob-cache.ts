import { Directory, type EncodeText } from "./directory.ts";

/** A blob as it is, as the directory that it holds, or both. */
interface Entry {
  bytes: Uint8Array | undefined;
  /** Null: it is no directory. */
  directory: Directory | null | undefined;
  readonly sizeBytes: number;
  lastUsed: number;
}

export interface BlobCacheOptions {
  /** Entries that were not used for this long go. */
  maxAgeSeconds: number;
  /** Above this, entries go that were not used since the last tick. */
  maxBytes: number;
  encode: EncodeText;
}

/**
 * What the KVS of one rank has at hand of the content store: directories in parsed form, values as
 * bytes. Everything in it can be loaded again. Time passes in ticks, so looking up needs no clock.
 */
export class BlobCache {
  /** Least recently added first. */
  readonly #entries = new Map<string, Entry>();
  readonly #options: BlobCacheOptions;
  #now = 0;
  #sizeBytes = 0;
  /** Everything not used since the last tick is gone already. */
  #isLean = false;

  constructor(options: BlobCacheOptions) {
    this.#options = options;
  }

  has(ref: string): boolean {
    return this.#entries.has(ref);
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
    this.#add(ref, { bytes, directory: undefined, sizeBytes: bytes.length, lastUsed: this.#now });
  }

  addDirectory(ref: string, directory: Directory, sizeBytes: number): void {
    this.#add(ref, { bytes: undefined, directory, sizeBytes, lastUsed: this.#now });
  }

  /** It is `now` (seconds on any monotonic clock): drop what is old. */
  tick(now: number): void {
    this.#now = now;
    this.#isLean = false;
    this.#drop(now - this.#options.maxAgeSeconds);
  }

  get count(): number {
    return this.#entries.size;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get sizes(): number[] {
    return Array.from(this.#entries.values(), ({ sizeBytes }) => sizeBytes);
  }

  #use(ref: string): Entry | undefined {
    const entry = this.#entries.get(ref);
    if (entry) entry.lastUsed = this.#now;
    return entry;
  }

  #add(ref: string, entry: Entry): void {
    if (this.#entries.has(ref)) return;
    this.#entries.set(ref, entry);
    this.#sizeBytes += entry.sizeBytes;
    if (this.#isLean || this.#sizeBytes <= this.#options.maxBytes) return;
    this.#isLean = true;
    this.#drop(this.#now);
  }

  /** Drop entries that were last used before `limit`. */
  #drop(limit: number): void {
    for (const [ref, { lastUsed, sizeBytes }] of this.#entries) {
      if (lastUsed >= limit) continue;
      this.#entries.delete(ref);
      this.#sizeBytes -= sizeBytes;
    }
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
