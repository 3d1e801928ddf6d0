import { type Credential, isOwnerOr } from "@flux-ts/protocol/message/credential";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { primaryNamespace } from "@flux-ts/protocol/services/kvs";
import type { CommitQueue } from "./commit-queue.ts";
import { Namespace, type NamespaceInit } from "./namespace.ts";

/** A namespace on one rank; rank 0 alone has the queue. */
export interface Hosted<Waiter> {
  readonly root: Namespace<Waiter>;
  readonly queue: CommitQueue | undefined;
}

export interface NamespacesOptions {
  /** Rank 0 knows all namespaces; the others get to know them when they are asked for. */
  isLeader: boolean;
  makeQueue(namespace: string): CommitQueue | undefined;
}

/** Followers forget a namespace that nobody used for this long. */
const maxIdleSeconds = 3600;

/** The namespaces that one rank knows, and who may use them (RFC 12). Times are monotonic seconds. */
export class Namespaces<Waiter> implements Iterable<Hosted<Waiter>> {
  readonly #hosted = new Map<string, Hosted<Waiter>>();
  readonly #options: NamespacesOptions;

  constructor(options: NamespacesOptions) {
    this.#options = options;
  }

  [Symbol.iterator](): Iterator<Hosted<Waiter>> {
    return this.#hosted.values();
  }

  get(name: string): Hosted<Waiter> | undefined {
    return this.#hosted.get(name);
  }

  get primary(): Namespace<Waiter> {
    return this.#hosted.get(primaryNamespace)!.root;
  }

  /** As kvs.namespace-list shows them. */
  get list(): { namespace: string; owner: number; flags: number }[] {
    return Array.from(this, ({ root: { name, owner, flags } }) => ({
      namespace: name,
      owner,
      flags,
    }));
  }

  /**
   * A namespace for whoever asks. Undefined: this follower has to ask upstream first. Throws ENOTSUP if
   * there is none, EPERM if it is somebody else's.
   */
  visible(name: string, who: Credential, now: number): Hosted<Waiter> | undefined {
    const hosted = this.#hosted.get(name);
    if (!hosted) {
      if (this.#options.isLeader) throw new FluxError("ENOTSUP");
      return undefined;
    }
    if (!isOwnerOr(who, hosted.root.owner)) throw new FluxError("EPERM");
    hosted.root.lastUsed = now;
    return hosted;
  }

  add(init: NamespaceInit, now: number): Hosted<Waiter> {
    const queue = this.#options.makeQueue(init.name);
    const hosted = { root: new Namespace<Waiter>(init), queue };
    hosted.root.lastUsed = now;
    this.#hosted.set(init.name, hosted);
    return hosted;
  }

  delete(name: string): Hosted<Waiter> | undefined {
    const hosted = this.#hosted.get(name);
    this.#hosted.delete(name);
    return hosted;
  }

  /** Followers: forget what was not used for long. */
  expire(now: number): void {
    if (this.#options.isLeader) return;
    for (const [name, { root }] of this.#hosted) {
      const isUnused = root.isIdle && now - root.lastUsed > maxIdleSeconds;
      if (isUnused && name !== primaryNamespace) this.#hosted.delete(name);
    }
  }
}
