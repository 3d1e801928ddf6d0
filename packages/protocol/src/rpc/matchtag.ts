/**
 * Allocates matchtags (RFC 6): nonzero numbers that are unique among the RPCs in flight.
 * A tag returns to the pool when its RPC has ended.
 */
export class MatchtagPool {
  #next = 1;
  readonly #free: number[] = [];
  readonly #limit: number;

  /** `limit`: most tags ever out at once; a leak is an error rather than endless growth. */
  constructor(limit = 0x7fffffff) {
    this.#limit = limit;
  }

  /** A free tag, or undefined when all are in use. */
  alloc(): number | undefined {
    const reused = this.#free.pop();
    if (reused !== undefined) return reused;
    return this.#next <= this.#limit ? this.#next++ : undefined;
  }

  release(tag: number): void {
    this.#free.push(tag);
  }

  /** Tags in use. */
  get outstanding(): number {
    return this.#next - 1 - this.#free.length;
  }
}
