/** Keys and values, as tasks put them into the PMI store. */
export type Pairs = Readonly<Record<string, string>>;

/**
 * What the host of an exchange does for it. `Child` is a request of a shell further down the tree.
 */
export type ExchangeEffect<Child> =
  | { readonly do: "ask-parent"; readonly pairs: Pairs }
  | { readonly do: "answer"; readonly child: Child; readonly pairs: Pairs }
  | { readonly do: "refuse"; readonly child: Child; readonly text: string }
  /** The local barrier is over. Without pairs the exchange failed. */
  | { readonly do: "complete"; readonly pairs?: Pairs };

export interface ExchangeTree {
  readonly rank: number;
  readonly size: number;
  /** Children of each shell. */
  readonly k: number;
}

/** Shell rank of the parent in the tree; undefined for the leader. */
export function parentOf({ rank, k }: ExchangeTree): number | undefined {
  return rank === 0 ? undefined : Math.floor((rank - 1) / k);
}

export function childCountOf({ rank, size, k }: ExchangeTree): number {
  return Math.max(0, Math.min(k, size - 1 - rank * k));
}

/**
 * Exchange of what tasks have put into the PMI store, at each PMI barrier: gathered up a tree of
 * shells, and handed back down by the leader.
 */
export class PmiExchange<Child> {
  readonly #tree: ExchangeTree;
  readonly #childCount: number;
  #pairs: Record<string, string> = {};
  #children: Child[] = [];
  #isLocalIn = false;

  constructor(tree: ExchangeTree) {
    this.#tree = tree;
    this.#childCount = childCountOf(tree);
  }

  /** All local tasks are in the barrier; this is what they have put. */
  onLocal(pairs: Pairs): ExchangeEffect<Child>[] {
    this.#isLocalIn = true;
    Object.assign(this.#pairs, pairs);
    return this.#proceed();
  }

  /** A child has all of its subtree. */
  onChild(child: Child, pairs: Pairs): ExchangeEffect<Child>[] {
    if (this.#children.length === this.#childCount) {
      return [{ do: "refuse", child, text: "pmi-exchange received too many child requests" }];
    }
    this.#children.push(child);
    Object.assign(this.#pairs, pairs);
    return this.#proceed();
  }

  /** The parent's answer: everybody's pairs, or undefined if it failed. */
  onParent(pairs: Pairs | undefined): ExchangeEffect<Child>[] {
    if (pairs) return this.#complete(pairs);
    const children = this.#children;
    this.#reset();
    const refusals = children.map((child): ExchangeEffect<Child> => {
      return { do: "refuse", child, text: "pmi-exchange failed" };
    });
    return [...refusals, { do: "complete" }];
  }

  #proceed(): ExchangeEffect<Child>[] {
    if (!this.#isLocalIn || this.#children.length < this.#childCount) return [];
    if (this.#tree.rank > 0) return [{ do: "ask-parent", pairs: this.#pairs }];
    return this.#complete(this.#pairs);
  }

  #complete(pairs: Pairs): ExchangeEffect<Child>[] {
    const children = this.#children;
    this.#reset();
    const answers = children.map((child): ExchangeEffect<Child> => {
      return { do: "answer", child, pairs };
    });
    return [...answers, { do: "complete", pairs }];
  }

  #reset(): void {
    this.#pairs = {};
    this.#children = [];
    this.#isLocalIn = false;
  }
}
