/** What an entry costs besides its bytes: counts when there is to be purged. */
const entryBytes = 512;

/** How much the cache holds and for how long (wire-jobs §1.3). */
export interface CacheLimits {
  /** Clean entries are purged while the cache is larger than this... */
  purgeTargetBytes: number;
  /** ...and they were not used for this long... */
  purgeOldSeconds: number;
  /** ...or the cache is this large: then age does not matter. */
  hardLimitBytes: number;
}

/** One blob. Without bytes it is invalid: a load is on its way. */
export interface Entry<Waiter> {
  /** Hex digits of the digest. */
  readonly key: string;
  bytes: Uint8Array | undefined;
  /** Not yet in the backing store (rank 0) or on rank 0 (followers). */
  dirty: boolean;
  /** A store request for it is out. */
  isStoring: boolean;
  /** Lent by a mapped file: not in the backing store. */
  isEphemeral: boolean;
  lastUsed: number;
  /** Load requests that wait for the bytes. */
  loads: Waiter[] | undefined;
  /** Store requests that wait for the entry to be clean (followers write through). */
  stores: Waiter[] | undefined;
}

/**
 * The blobs one rank remembers (RFC 10). Clean ones can be loaded again, so they are purged, the least
 * recently used first; dirty ones are written in the order they came. Times are seconds on any
 * monotonic clock. A waiter is whatever the driver wants back when an entry changes.
 */
export class ContentCache<Waiter> {
  readonly #entries = new Map<string, Entry<Waiter>>();
  /** Valid clean entries, least recently used first. */
  readonly #clean = new Map<string, Entry<Waiter>>();
  /** Dirty entries that no store request is out for, oldest first. */
  readonly #dirty = new Set<Entry<Waiter>>();
  readonly #limits: CacheLimits;
  #validCount = 0;
  #storingCount = 0;
  #sizeBytes = 0;
  #dirtyBytes = 0;

  constructor(limits: CacheLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#entries.size;
  }

  get validCount(): number {
    return this.#validCount;
  }

  get dirtyCount(): number {
    return this.#dirty.size + this.#storingCount;
  }

  /** Bytes of valid entries. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get dirtyBytes(): number {
    return this.#dirtyBytes;
  }

  /** Entries that wait to be stored. */
  get unsentCount(): number {
    return this.#dirty.size;
  }

  /** The entry, which counts as used now. */
  lookup(key: string, now: number): Entry<Waiter> | undefined {
    const entry = this.#entries.get(key);
    if (entry?.bytes && !entry.dirty) this.#touch(entry, now);
    return entry;
  }

  /**
   * Ask for a blob that lookup did not find valid. True if it has to be loaded now; else a load that
   * will answer `waiter` too is already out.
   */
  want(key: string, waiter: Waiter): boolean {
    const entry = this.#entries.get(key);
    if (entry) {
      entry.loads ??= [];
      entry.loads.push(waiter);
      return false;
    }
    this.#insert(key).loads = [waiter];
    return true;
  }

  /** Tell `waiter` when a dirty entry has become clean. */
  wait(entry: Entry<Waiter>, waiter: Waiter): void {
    entry.stores ??= [];
    entry.stores.push(waiter);
  }

  /** A load came in. Returns who waits for it; nobody if a store has overtaken it. */
  fill(key: string, bytes: Uint8Array, now: number, isEphemeral = false): Waiter[] {
    const entry = this.#entries.get(key) ?? this.#insert(key);
    if (entry.bytes) return [];
    this.#makeValid(entry, bytes);
    entry.isEphemeral = isEphemeral;
    this.#touch(entry, now);
    return take(entry, "loads");
  }

  /** A load failed. Returns who waits for it. */
  failLoad(key: string): Waiter[] {
    const entry = this.#entries.get(key);
    if (!entry || entry.bytes) return [];
    this.#entries.delete(key);
    return take(entry, "loads");
  }

  /**
   * Store a blob; it is dirty now. One that was clean gets dirty again, so that the backing store sees
   * it used: that is what protects it from garbage collection. Returns loads that are answered by it.
   */
  store(key: string, bytes: Uint8Array): { entry: Entry<Waiter>; loads: Waiter[] } {
    let entry = this.#entries.get(key);
    if (entry?.isEphemeral) {
      this.#remove(entry);
      entry = undefined;
    }
    entry ??= this.#insert(key);
    if (!entry.bytes) this.#makeValid(entry, bytes);
    if (!entry.dirty) {
      entry.dirty = true;
      this.#dirtyBytes += entry.bytes!.length;
      this.#clean.delete(key);
      this.#dirty.add(entry);
    }
    return { entry, loads: take(entry, "loads") };
  }

  /** The next entries to store, oldest first. They count as being stored until settled. */
  takeDirty(maxCount: number, maxBytes = Number.POSITIVE_INFINITY): Entry<Waiter>[] {
    const batch: Entry<Waiter>[] = [];
    let size = 0;
    for (const entry of this.#dirty) {
      if (batch.length >= maxCount || (batch.length > 0 && size >= maxBytes)) break;
      size += entry.bytes!.length;
      entry.isStoring = true;
      this.#dirty.delete(entry);
      batch.push(entry);
    }
    this.#storingCount += batch.length;
    return batch;
  }

  /** A store was acknowledged: the entry is clean. Returns who waits for that. */
  stored(entry: Entry<Waiter>, now: number): Waiter[] {
    this.#storingCount--;
    entry.isStoring = false;
    entry.dirty = false;
    this.#dirtyBytes -= entry.bytes!.length;
    this.#touch(entry, now);
    return take(entry, "stores");
  }

  /** A store failed: the entry stays dirty, to be tried again. Returns who waits for it. */
  failStore(entry: Entry<Waiter>): Waiter[] {
    this.#storingCount--;
    entry.isStoring = false;
    this.#dirty.add(entry);
    return take(entry, "stores");
  }

  /** Drop clean entries as the limits ask. */
  purge(now: number): void {
    const { purgeTargetBytes, purgeOldSeconds, hardLimitBytes } = this.#limits;
    for (const entry of this.#clean.values()) {
      const weight = this.#sizeBytes + this.count * entryBytes;
      if (weight <= purgeTargetBytes) return;
      const isOld = now - entry.lastUsed >= purgeOldSeconds;
      if (!isOld && weight <= hardLimitBytes) return;
      this.#remove(entry);
    }
  }

  /** Drop all clean entries. Returns how many. */
  drop(): number {
    const before = this.count;
    for (const entry of this.#clean.values()) this.#remove(entry);
    return before - this.count;
  }

  #insert(key: string): Entry<Waiter> {
    const entry: Entry<Waiter> = {
      key,
      bytes: undefined,
      dirty: false,
      isStoring: false,
      isEphemeral: false,
      lastUsed: 0,
      loads: undefined,
      stores: undefined,
    };
    this.#entries.set(key, entry);
    return entry;
  }

  #makeValid(entry: Entry<Waiter>, bytes: Uint8Array): void {
    entry.bytes = bytes;
    this.#validCount++;
    this.#sizeBytes += bytes.length;
  }

  #touch(entry: Entry<Waiter>, now: number): void {
    entry.lastUsed = now;
    this.#clean.delete(entry.key);
    this.#clean.set(entry.key, entry);
  }

  #remove(entry: Entry<Waiter>): void {
    this.#entries.delete(entry.key);
    this.#clean.delete(entry.key);
    this.#validCount--;
    this.#sizeBytes -= entry.bytes!.length;
  }
}

function take<Waiter>(entry: Entry<Waiter>, list: "loads" | "stores"): Waiter[] {
  const waiters = entry[list] ?? [];
  entry[list] = undefined;
  return waiters;
}
