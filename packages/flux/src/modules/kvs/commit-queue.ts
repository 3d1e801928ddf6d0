import { normalizeKey } from "@flux-ts/protocol/kvs/key";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { primaryNamespace } from "@flux-ts/protocol/services/kvs";
import type { Transaction } from "./transaction.ts";
import { type NewBlobs, type TreeSource, WorkTree } from "./work-tree.ts";

/** A transaction that came to nothing. */
export interface Rejection {
  readonly transaction: Transaction;
  readonly error: FluxError;
}

/** What has to happen before the queue can go on. */
export type CommitStep =
  /** Get these directories; then `loaded`. */
  | { readonly do: "load"; readonly refs: readonly string[] }
  /** Store the blobs; then `stored` or `failed`. */
  | { readonly do: "store"; readonly commit: Commit }
  /** No transaction was left: report the rejections. */
  | { readonly do: "reject"; readonly rejections: readonly Rejection[] };

/** Several transactions that become one new root. */
export interface Commit {
  readonly rootref: string;
  readonly blobs: NewBlobs;
  readonly transactions: readonly Transaction[];
  readonly rejections: readonly Rejection[];
  /** Some transaction is to outlast the brokers. */
  readonly isSync: boolean;
}

export interface CommitQueueOptions {
  namespace: string;
  source: TreeSource;
  /** Without it each transaction makes a root of its own. */
  merge: boolean;
}

/**
 * The transactions of one namespace, on their way to becoming roots (rank 0). All that are ready are
 * applied at once and stored at once; those that come meanwhile gather for the next root. So the price
 * of a root, and of a checkpoint, is shared by however many there are.
 */
export class CommitQueue {
  readonly #options: CommitQueueOptions;
  #waiting: Transaction[] = [];
  /** Transactions that were part of a commit that failed: they are tried one by one, before the rest. */
  #retries: Transaction[] = [];
  #isBusy = false;
  /** Directories that could not be loaded, with the reason. */
  readonly #unloadable = new Map<string, FluxError>();

  constructor(options: CommitQueueOptions) {
    this.#options = options;
  }

  /** Transactions that are not part of a root yet. */
  get size(): number {
    return this.#waiting.length + this.#retries.length;
  }

  add(transaction: Transaction): void {
    this.#waiting.push(transaction);
  }

  /** What to do now, if anything. A load or a store has to be answered before there is more. */
  next(rootref: string): CommitStep | undefined {
    if (this.#isBusy || this.size === 0) return undefined;
    const isRetry = this.#retries.length > 0;
    const group = isRetry ? this.#retries.splice(0, 1) : this.#takeWaiting();
    const step = this.#apply(group, rootref);
    if (step.do === "load") {
      // Tried again once everything is there; by then more may have joined the group.
      if (isRetry) this.#retries.unshift(...group);
      else this.#waiting.unshift(...group);
    } else {
      this.#unloadable.clear();
    }
    this.#isBusy = step.do !== "reject";
    return step;
  }

  /** The directories of a load step are there, except these. */
  loaded(failures: ReadonlyMap<string, FluxError>): void {
    for (const [ref, error] of failures) this.#unloadable.set(ref, error);
    this.#isBusy = false;
  }

  /** The blobs of a store step are stored: the new root counts. */
  stored(): void {
    this.#isBusy = false;
  }

  /**
   * A store step failed. Transactions that may do better on their own are tried again; returns the
   * others. ENOSYS: there is nowhere to keep what is to last.
   */
  failed({ transactions, isSync }: Commit, error: FluxError): Rejection[] {
    this.#isBusy = false;
    const isHopeless = ({ isSync: wants }: Transaction): boolean =>
      isSync && error.code === "ENOSYS" ? wants : transactions.length === 1;
    const rejected = transactions.filter(isHopeless);
    this.#retries = [...transactions.filter((each) => !isHopeless(each)), ...this.#retries];
    return rejected.map((transaction) => ({ transaction, error }));
  }

  /** The namespace is gone: give up everything that waits. */
  abandon(): Transaction[] {
    const all = [...this.#retries, ...this.#waiting];
    this.#retries = [];
    this.#waiting = [];
    return all;
  }

  /** Transactions to apply together: they stay adjacent and in order. */
  #takeWaiting(): Transaction[] {
    let count = 1;
    if (this.#options.merge && !this.#waiting[0]!.isAlone) {
      while (this.#waiting[count]?.isAlone === false) count++;
    }
    return this.#waiting.splice(0, count);
  }

  #apply(group: Transaction[], rootref: string): CommitStep {
    const { source, namespace } = this.#options;
    const rejections: Rejection[] = [];
    try {
      const tree = new WorkTree(
        { ...source, directory: (ref) => this.#directory(ref) },
        namespace,
        rootref,
      );
      const transactions = group.filter((transaction) => {
        const error = tryApply(tree, transaction, namespace);
        if (error) rejections.push({ transaction, error });
        return !error;
      });
      if (tree.missing.size > 0) return { do: "load", refs: [...tree.missing] };
      if (transactions.length === 0) return { do: "reject", rejections };
      const isSync = transactions.some((each) => each.isSync);
      return { do: "store", commit: { ...tree.finish(), transactions, rejections, isSync } };
    } catch (error) {
      // The root cannot be read, or the result cannot be written.
      const failure = asFluxError(error);
      return {
        do: "reject",
        rejections: group.map((transaction) => ({ transaction, error: failure })),
      };
    }
  }

  #directory(ref: string) {
    const error = this.#unloadable.get(ref);
    if (error) throw error;
    return this.#options.source.directory(ref);
  }
}

function tryApply(
  tree: WorkTree,
  { operations, isSync }: Transaction,
  namespace: string,
): FluxError | undefined {
  // A checkpoint is of the primary namespace.
  if (isSync && namespace !== primaryNamespace) return new FluxError("EINVAL");
  try {
    tree.apply(operations);
    return undefined;
  } catch (error) {
    return asFluxError(error);
  }
}

/** The keys that transactions name, for the setroot event: each once, normalized. */
export function keysOf(transactions: readonly Transaction[]): { [key: string]: null } {
  const keys = new Set<string>();
  for (const { operations } of transactions) {
    for (const { key } of operations) keys.add(normalizeKey(key));
  }
  return Object.fromEntries(Array.from(keys, (key) => [key, null]));
}

function asFluxError(error: unknown): FluxError {
  if (error instanceof FluxError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new FluxError("EINVAL", text, { cause: error });
}
