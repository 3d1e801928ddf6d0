import type { ContentCache, Entry } from "./cache.ts";

export interface WriteBackLimits {
  /** Most blobs in one write. */
  batchCount: number;
  /** A write is closed once it has this many bytes. */
  batchBytes: number;
  /** So many dirty bytes are written without waiting for the timer. */
  dueBytes: number;
  /** Above this many dirty bytes whoever stores has to wait. */
  stallBytes: number;
}

/** One write to the backing store, all or nothing. */
export interface Write<Waiter> {
  readonly entries: readonly Entry<Waiter>[];
  /** JSON texts of checkpoints to record after the entries. */
  readonly checkpoints: readonly string[];
  /** Flush and checkpoint requests that this write satisfies. */
  readonly waiters: readonly Waiter[];
}

/**
 * Decides what rank 0 writes to its backing store, and when. There is one write at a time: what is
 * stored meanwhile gathers for the next one, and so do flushes and checkpoints. That makes a slow disk
 * write larger batches instead of longer queues, and no checkpoint can get ahead of a failed write.
 */
export class WriteBack<Waiter> {
  readonly #cache: ContentCache<Waiter>;
  readonly #limits: WriteBackLimits;
  #flushes: Waiter[] = [];
  #checkpoints: { text: string; waiter: Waiter }[] = [];
  #writing: Write<Waiter> | undefined;
  /** The last write failed: the next one waits for somebody to ask, or for the timer. */
  #isHeld = false;

  constructor(cache: ContentCache<Waiter>, limits: WriteBackLimits) {
    this.#cache = cache;
    this.#limits = limits;
  }

  /** Blobs on their way to the backing store. */
  get inFlight(): number {
    return this.#writing?.entries.length ?? 0;
  }

  /** Answer `waiter` when everything that is dirty now has been written. */
  flush(waiter: Waiter): void {
    this.#flushes.push(waiter);
  }

  /** As flush, and then record a checkpoint. */
  checkpoint(text: string, waiter: Waiter): void {
    this.#checkpoints.push({ text, waiter });
  }

  /** A write should begin now rather than when the timer fires. */
  get isDue(): boolean {
    if (this.#writing) return false;
    if (this.#flushes.length > 0 || this.#checkpoints.length > 0) return true;
    if (this.#isHeld) return false;
    const { unsentCount, dirtyBytes } = this.#cache;
    return unsentCount >= this.#limits.batchCount || dirtyBytes >= this.#limits.dueBytes;
  }

  /** Something is left that a write could take. */
  get hasWork(): boolean {
    const { unsentCount } = this.#cache;
    return unsentCount > 0 || this.#flushes.length > 0 || this.#checkpoints.length > 0;
  }

  /** Storing must wait until more is written. */
  get isStalled(): boolean {
    return this.#cache.dirtyBytes > this.#limits.stallBytes;
  }

  /** The next write, or undefined if one is out or there is nothing to do. */
  begin(): Write<Waiter> | undefined {
    if (this.#writing || !this.hasWork) return undefined;
    const { batchCount, batchBytes } = this.#limits;
    const entries = this.#cache.takeDirty(batchCount, batchBytes);
    const write: { -readonly [K in keyof Write<Waiter>]: Write<Waiter>[K] } = {
      entries,
      checkpoints: [],
      waiters: [],
    };
    if (this.#cache.unsentCount === 0) {
      // Everything that was stored before these were asked for is written by the end of this write.
      write.checkpoints = this.#checkpoints.map(({ text }) => text);
      write.waiters = [...this.#flushes, ...this.#checkpoints.map(({ waiter }) => waiter)];
      this.#flushes = [];
      this.#checkpoints = [];
    }
    this.#writing = write;
    return write;
  }

  /** The write is in the backing store. Returns the requests to answer. */
  succeed(write: Write<Waiter>, now: number): readonly Waiter[] {
    this.#writing = undefined;
    this.#isHeld = false;
    for (const entry of write.entries) this.#cache.stored(entry, now);
    return write.waiters;
  }

  /** The write failed: its blobs stay dirty. Returns the requests to fail, later ones included. */
  fail(write: Write<Waiter>): Waiter[] {
    this.#writing = undefined;
    this.#isHeld = true;
    for (const entry of write.entries) this.#cache.failStore(entry);
    return [...write.waiters, ...this.abandon()];
  }

  /** There is no backing store any more. Returns the requests to fail. */
  abandon(): Waiter[] {
    const waiters = [...this.#flushes, ...this.#checkpoints.map(({ waiter }) => waiter)];
    this.#flushes = [];
    this.#checkpoints = [];
    return waiters;
  }
}
