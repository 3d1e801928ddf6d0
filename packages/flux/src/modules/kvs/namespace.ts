import type { SetrootEvent } from "@flux-ts/protocol/services/kvs";

interface VersionWaiter<Waiter> {
  readonly seq: number;
  readonly waiter: Waiter;
}

export interface NamespaceInit {
  name: string;
  owner: number;
  flags: number;
  ref: string;
  seq: number;
}

/**
 * What one rank knows of a namespace: its root, and who waits for it to change. `Waiter` is whatever the
 * driver answers later.
 */
export class Namespace<Waiter> {
  readonly name: string;
  readonly owner: number;
  readonly flags: number;
  #ref: string;
  #seq: number;
  /** Commits that this rank has to answer, by transaction name. */
  readonly #commits = new Map<string, Waiter>();
  #versionWaiters: VersionWaiter<Waiter>[] = [];
  /** Roots that came while they are not to be followed (test hook). */
  #paused: SetrootEvent[] | undefined;
  /** Gone: nothing may happen to it any more. */
  isRemoved = false;
  /** Seconds: when the root changed last or was asked for. */
  lastUsed = 0;
  /** Blobs that commits made and the cache had already. */
  duplicateStores = 0;

  constructor({ name, owner, flags, ref, seq }: NamespaceInit) {
    this.name = name;
    this.owner = owner;
    this.flags = flags;
    this.#ref = ref;
    this.#seq = seq;
  }

  get ref(): string {
    return this.#ref;
  }

  get seq(): number {
    return this.#seq;
  }

  get versionWaiterCount(): number {
    return this.#versionWaiters.length;
  }

  get commitCount(): number {
    return this.#commits.size;
  }

  get isIdle(): boolean {
    return this.#versionWaiters.length === 0 && this.#commits.size === 0;
  }

  /** Take a root if it is newer than the present one. Returns who waited for it. */
  setRoot(ref: string, seq: number): Waiter[] {
    if (seq !== 0 && seq <= this.#seq) return [];
    this.#ref = ref;
    this.#seq = seq;
    const reached = this.#versionWaiters.filter((each) => each.seq <= seq);
    if (reached.length === 0) return [];
    this.#versionWaiters = this.#versionWaiters.filter((each) => each.seq > seq);
    return reached.sort((a, b) => a.seq - b.seq).map(({ waiter }) => waiter);
  }

  /** Tell `waiter` when the root has got to `seq`, which it has not yet. */
  waitVersion(seq: number, waiter: Waiter): void {
    this.#versionWaiters.push({ seq, waiter });
  }

  addCommit(name: string, waiter: Waiter): void {
    this.#commits.set(name, waiter);
  }

  /** The waiters of these transactions: none for those of other ranks. */
  takeCommits(names: readonly string[]): Waiter[] {
    if (this.#commits.size === 0) return [];
    const taken: Waiter[] = [];
    for (const name of names) {
      const waiter = this.#commits.get(name);
      if (waiter === undefined) continue;
      this.#commits.delete(name);
      taken.push(waiter);
    }
    return taken;
  }

  /** Forget waiters that match. */
  forget(matches: (waiter: Waiter) => boolean): void {
    this.#versionWaiters = this.#versionWaiters.filter(({ waiter }) => !matches(waiter));
    for (const [name, waiter] of this.#commits) if (matches(waiter)) this.#commits.delete(name);
  }

  /** The namespace is gone. Returns all who wait. */
  remove(): Waiter[] {
    this.isRemoved = true;
    const waiters = [
      ...this.#versionWaiters.map(({ waiter }) => waiter),
      ...this.#commits.values(),
    ];
    this.#versionWaiters = [];
    this.#commits.clear();
    return waiters;
  }

  /** Keep new roots back from now on. */
  pause(): void {
    this.#paused ??= [];
  }

  /** True if a root was kept back. */
  hold(event: SetrootEvent): boolean {
    if (!this.#paused) return false;
    this.#paused.push(event);
    return true;
  }

  /** Follow new roots again. Returns those that were kept back. */
  unpause(): SetrootEvent[] {
    const held = this.#paused ?? [];
    this.#paused = undefined;
    return held;
  }
}
