/** What keeps a shell running, by name; the same name may be held several times. */
export class Completion {
  readonly #holds = new Map<string, number>();
  #onFree: () => void = () => {};

  hold(name: string): void {
    this.#holds.set(name, (this.#holds.get(name) ?? 0) + 1);
  }

  /** Releasing what is not held does nothing. */
  release(name: string): void {
    const count = this.#holds.get(name);
    if (count === undefined) return;
    if (count > 1) this.#holds.set(name, count - 1);
    else this.#holds.delete(name);
    if (this.#holds.size === 0) this.#onFree();
  }

  /** Resolves when nothing is held. */
  free(): Promise<void> {
    if (this.#holds.size === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onFree = resolve;
    });
  }
}
