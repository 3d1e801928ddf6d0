import { Errno } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json } from "@flux-ts/protocol/schema/json";
import { primaryNamespace } from "@flux-ts/protocol/services/kvs";
import type { BlobCache } from "./blob-cache.ts";
import { type Commit, keysOf, type Rejection } from "./commit-queue.ts";
import { type Effect, type PendingCommit, versionOf } from "./effect.ts";
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
  /** Sequence of the newest root of the primary namespace that is a checkpoint. */
  checkpointSeq = -1;

  constructor(namespaces: Namespaces<Waiter>, cache: BlobCache) {
    this.#namespaces = namespaces;
    this.#cache = cache;
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

  /** Apply all that is ready. A checkpoint goes by itself, so that others need not wait for a disk. */
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

  /** The blobs are stored, and the checkpoint if there was one: the new roots count from now on. */
  stored(commits: readonly PendingCommit<Waiter>[]): Effect<Waiter>[] {
    const effects: Effect<Waiter>[] = [];
    for (const { hosted, commit } of commits) this.#finish(hosted, commit, effects);
    return effects;
  }

  failed(commits: readonly PendingCommit<Waiter>[], error: FluxError): Effect<Waiter>[] {
    const effects: Effect<Waiter>[] = [];
    for (const { hosted, commit } of commits) {
      const rejections = hosted.queue!.failed(commit, error, commit.isSync);
      this.#reject(hosted, [...commit.rejections, ...rejections], effects);
      this.#ready.add(hosted);
    }
    return effects;
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
    if (isSync) this.checkpointSeq = root.seq;
    const version = versionOf(root);
    const { name: namespace, owner } = root;
    const event = { namespace, ...version, names, keys: keysOf(transactions), owner };
    effects.push(
      { do: "publish", namespace, word: "setroot", event },
      { do: "answer", waiters: root.takeCommits(names), version },
      { do: "answer", waiters: reached, version },
    );
    this.#reject(hosted, rejections, effects);
    if (queue!.size > 0) this.#ready.add(hosted);
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
