/** Where the shells of a job wait for each other (wire-jobs §7.4). `Waiter` is a request. */
export class ShellBarrier<Waiter> {
  readonly #size: number;
  readonly #waiting = new Map<number, Waiter>();
  /** Barriers passed. */
  passed = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** A shell, by broker rank, enters. Returns everybody when all have come. */
  enter(rank: number, waiter: Waiter): Waiter[] | undefined {
    this.#waiting.set(rank, waiter);
    if (this.#waiting.size < this.#size) return undefined;
    this.passed++;
    return this.take();
  }

  /** The barrier cannot complete: everybody who waits, to be told. */
  take(): Waiter[] {
    const all = [...this.#waiting.values()];
    this.#waiting.clear();
    return all;
  }

  has(rank: number): boolean {
    return this.#waiting.has(rank);
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  get size(): number {
    return this.#size;
  }
}
