import { Errno } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json } from "@flux-ts/protocol/schema/json";
import { primaryNamespace } from "@flux-ts/protocol/services/kvs";
import type { BlobCache } from "./blob-cache.ts";
import { type Commit, keysOf, type Rejection } from "./commit-queue.ts";
import { type Effect, type PendingCommit, type Version, versionOf } from "./effect.ts";
import type { Hosted, Namespaces } from "./namespaces.ts";
import { parseTransaction } from "./transaction.ts";

/** A commit as it arrives: from a client of rank 0, or relayed by a follower. */
export interface CommitRequest {
  readonly name: string;
  readonly flags: number;
  readonly ops: readonly Json[];
}

/**
 * What rank 0 alone does: it makes, changes and removes namespaces, and tells all ranks by event. The
 * driver stores what a commit needs before its root is in force anywhere.
 */
export class Leader<Waiter> {
  readonly #namespaces: Namespaces<Waiter>;
  readonly #cache: BlobCache;
  /** Namespaces whose queues may have something to do. */
  readonly #ready = new Set<Hosted<Waiter>>();
  /** Synchronous commits that are in force, but not yet part of a checkpoint. */
  #lasting: { seq: number; names: string[] }[] = [];
  #isCheckpointing = false;
  /** Sequence of the newest root of the primary namespace that is a checkpoint. */
  #checkpointSeq: number;

  /** `checkpointSeq`: sequence of the root that was restored, -1 for none. */
  constructor(namespaces: Namespaces<Waiter>, cache: BlobCache, checkpointSeq = -1) {
    this.#namespaces = namespaces;
    this.#cache = cache;
    this.#checkpointSeq = checkpointSeq;
  }

  /** Queue a commit; `process` takes it up. Throws what is wrong with it. */
  commit(hosted: Hosted<Waiter>, { name, flags, ops }: CommitRequest): void {
    hosted.queue!.add(parseTransaction(name, flags, ops));
    this.#ready.add(hosted);
  }

  /** Queue a commit from a follower, which hears of its failure by event. */
  relayed(namespace: string, request: CommitRequest): Effect<Waiter>[] {
    const hosted = this.#namespaces.get(namespace);
    try {
      if (!hosted) throw new FluxError("ENOTSUP");
      this.commit(hosted, request);
      return [];
    } catch (error) {
      const errnum = error instanceof FluxError ? error.errnum : Errno.EPROTO;
      return [errorEvent(namespace, [request.name], errnum)];
    }
  }

  get hasWork(): boolean {
    return this.#ready.size > 0;
  }

  /** Apply all that is ready. What needs a backing store goes by itself: it may be refused. */
  process(): Effect<Waiter>[] {
    const effects: Effect<Waiter>[] = [];
    const together: PendingCommit<Waiter>[] = [];
    for (const hosted of this.#ready) {
      const commit = this.#next(hosted, effects);
      if (commit?.isSync) effects.push({ do: "store", commits: [{ hosted, commit }] });
      else if (commit) together.push({ hosted, commit });
    }
    this.#ready.clear();
    if (together.length > 0) effects.push({ do: "store", commits: together });
    return effects;
  }

  /** Directories of a load effect are there, except these. */
  loaded(hosted: Hosted<Waiter>, failures: ReadonlyMap<string, FluxError>): void {
    hosted.queue!.loaded(failures);
    this.#ready.add(hosted);
  }

  /** The blobs are stored: the new roots are in force from now on. */
  stored(commits: readonly PendingCommit<Waiter>[]): Effect<Waiter>[] {
    const effects: Effect<Waiter>[] = [];
    for (const { hosted, commit } of commits) this.#finish(hosted, commit, effects);
    if (this.#lasting.length > 0) effects.push(...this.checkpoint());
    return effects;
  }

  failed(commits: readonly PendingCommit<Waiter>[], error: FluxError): Effect<Waiter>[] {
    const effects: Effect<Waiter>[] = [];
    for (const { hosted, commit } of commits) {
      const rejections = hosted.queue!.failed(commit, error);
      this.#reject(hosted, [...commit.rejections, ...rejections], effects);
      this.#ready.add(hosted);
    }
    return effects;
  }

  /**
   * Record the present root, unless it is a checkpoint already or one is being made: what is asked for
   * meanwhile shares the next one.
   */
  checkpoint(): Effect<Waiter>[] {
    const { primary } = this.#namespaces;
    if (this.#isCheckpointing || primary.seq === this.#checkpointSeq) return [];
    this.#isCheckpointing = true;
    return [{ do: "checkpoint", root: versionOf(primary) }];
  }

  /** The root, and with it all before, will survive the brokers. */
  checkpointed({ rootseq }: Version): Effect<Waiter>[] {
    this.#isCheckpointing = false;
    this.#checkpointSeq = rootseq;
    const { primary } = this.#namespaces;
    const names = this.#takeLasting(rootseq);
    const version = versionOf(primary);
    const { name: namespace, owner } = primary;
    // Nothing has changed: followers look for the names of their commits.
    const event = { namespace, ...version, names, keys: {}, owner };
    const effects: Effect<Waiter>[] =
      names.length === 0
        ? []
        : [
            { do: "publish", namespace, word: "setroot", event },
            { do: "answer", waiters: primary.takeCommits(names), version },
          ];
    return this.#lasting.length > 0 ? [...effects, ...this.checkpoint()] : effects;
  }

  /** The root could not be recorded. What the commits did stays: it may still be lost. */
  checkpointFailed({ rootseq }: Version, { errnum }: FluxError): Effect<Waiter>[] {
    this.#isCheckpointing = false;
    const { primary } = this.#namespaces;
    const names = this.#takeLasting(rootseq);
    const effects: Effect<Waiter>[] =
      names.length === 0
        ? []
        : [
            errorEvent(primary.name, names, errnum),
            { do: "fail", waiters: primary.takeCommits(names), errnum },
          ];
    return this.#lasting.length > 0 ? [...effects, ...this.checkpoint()] : effects;
  }

  /** EEXIST. */
  createNamespace(
    init: { name: string; rootref: string; owner: number; flags: number },
    now: number,
  ): Effect<Waiter>[] {
    const { name, rootref, owner, flags } = init;
    if (this.#namespaces.get(name)) throw new FluxError("EEXIST");
    this.#namespaces.add({ name, owner, flags, ref: rootref, seq: 0 }, now);
    const event = { namespace: name, rootseq: 0, rootref, owner };
    return [{ do: "publish", namespace: name, word: "created", event }];
  }

  /** ENOTSUP for the primary namespace; nothing happens to one that is not there. */
  removeNamespace(name: string): Effect<Waiter>[] {
    if (name.toLowerCase() === primaryNamespace) throw new FluxError("ENOTSUP");
    const hosted = this.#namespaces.delete(name);
    if (!hosted) return [];
    this.#ready.delete(hosted);
    const effects: Effect<Waiter>[] = [
      { do: "publish", namespace: name, word: "removed", event: { namespace: name } },
      { do: "fail", waiters: hosted.root.remove(), errnum: Errno.ENOTSUP },
    ];
    const names = hosted.queue!.abandon().map((transaction) => transaction.name);
    if (names.length > 0) effects.push(errorEvent(name, names, Errno.ENOTSUP));
    return effects;
  }

  #next(hosted: Hosted<Waiter>, effects: Effect<Waiter>[]): Commit | undefined {
    for (;;) {
      const step = hosted.queue!.next(hosted.root.ref);
      switch (step?.do) {
        case undefined:
          return undefined;
        case "store":
          return step.commit;
        case "load":
          effects.push({ do: "load", hosted, refs: step.refs });
          return undefined;
        case "reject":
          this.#reject(hosted, step.rejections, effects);
          break;
      }
    }
  }

  #finish(hosted: Hosted<Waiter>, commit: Commit, effects: Effect<Waiter>[]): void {
    const { root, queue } = hosted;
    const { rootref, transactions, rejections, isSync } = commit;
    queue!.stored();
    const names = transactions.map(({ name }) => name);
    if (root.isRemoved) {
      effects.push(errorEvent(root.name, names, Errno.ENOTSUP));
      return;
    }
    this.#remember(hosted, commit);
    const reached = root.setRoot(rootref, root.seq + 1);
    const version = versionOf(root);
    const { name: namespace, owner } = root;
    // Those that are to last are answered when they do.
    const done = transactions.filter((each) => !each.isSync).map(({ name }) => name);
    if (isSync)
      this.#lasting.push({ seq: root.seq, names: names.filter((n) => !done.includes(n)) });
    const event = { namespace, ...version, names: done, keys: keysOf(transactions), owner };
    effects.push(
      { do: "publish", namespace, word: "setroot", event },
      { do: "answer", waiters: root.takeCommits(done), version },
      { do: "answer", waiters: reached, version },
    );
    this.#reject(hosted, rejections, effects);
    if (queue!.size > 0) this.#ready.add(hosted);
  }

  /** Names of the commits up to a version that are waiting for a checkpoint. */
  #takeLasting(rootseq: number): string[] {
    const isCovered = ({ seq }: { seq: number }): boolean => seq <= rootseq;
    const covered = this.#lasting.filter(isCovered);
    this.#lasting = this.#lasting.filter((each) => !isCovered(each));
    return covered.flatMap(({ names }) => names);
  }

  /** The next commits and lookups will want what this one has made. */
  #remember({ root }: Hosted<Waiter>, { blobs }: Commit): void {
    for (const [ref, bytes] of blobs.bytes) {
      if (this.#cache.has(ref)) root.duplicateStores++;
      const directory = blobs.directories.get(ref);
      if (directory) this.#cache.addDirectory(ref, directory, bytes.length);
      else this.#cache.add(ref, bytes);
    }
  }

  #reject(
    { root }: Hosted<Waiter>,
    rejections: readonly Rejection[],
    effects: Effect<Waiter>[],
  ): void {
    for (const { transaction, error } of rejections) {
      const names = [transaction.name];
      effects.push(errorEvent(root.name, names, error.errnum), {
        do: "fail",
        waiters: root.takeCommits(names),
        errnum: error.errnum,
      });
    }
  }
}

function errorEvent(namespace: string, names: string[], errnum: number) {
  return {
    do: "publish",
    namespace,
    word: "error",
    event: { namespace, names, errnum },
  } as const;
}
