/** The last of what there was: keeps `limit` entries until the past is over, then passes all on. */
export class Tail<T> {
  readonly #limit: number;
  readonly #emit: (entry: T) => void;
  readonly #kept: T[] = [];
  #isPast: boolean;

  /** Without a limit everything is passed on at once. */
  constructor(limit: number | undefined, emit: (entry: T) => void) {
    this.#limit = limit ?? 0;
    this.#isPast = limit !== undefined;
    this.#emit = emit;
  }

  push(entry: T): void {
    if (!this.#isPast) {
      this.#emit(entry);
      return;
    }
    this.#kept.push(entry);
    if (this.#kept.length > this.#limit) this.#kept.shift();
  }

  /** What comes now is new. */
  endOfPast(): void {
    if (!this.#isPast) return;
    this.#isPast = false;
    for (const entry of this.#kept.splice(0)) this.#emit(entry);
  }
}
