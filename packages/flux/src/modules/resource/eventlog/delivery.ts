interface Posted<T> {
  readonly event: T;
  isStable: boolean;
}

/** Events take effect in the order in which they were posted, each once it is in the KVS. */
export class DeliveryOrder<T> {
  readonly #posted: Posted<T>[] = [];

  get size(): number {
    return this.#posted.length;
  }

  /** An event was posted. `settle` says that it is in the KVS, or need not be, or failed to be. */
  post(event: T): { settle(failed?: boolean): T[] } {
    const posted: Posted<T> = { event, isStable: false };
    this.#posted.push(posted);
    return {
      settle: (failed = false) => {
        if (failed) {
          const index = this.#posted.indexOf(posted);
          if (index >= 0) this.#posted.splice(index, 1);
        }
        posted.isStable = true;
        return this.#take();
      },
    };
  }

  #take(): T[] {
    const unstable = this.#posted.findIndex(({ isStable }) => !isStable);
    const count = unstable < 0 ? this.#posted.length : unstable;
    return this.#posted.splice(0, count).map(({ event }) => event);
  }
}
