import { FluxError } from "@flux-ts/protocol/rpc/error";

interface Waiting {
  readonly exclusive: boolean;
  readonly go: () => void;
}

/**
 * How many spawns may be at work at a time; the others wait in order. An exclusive one runs alone:
 * it changes this process for a moment, and a child started meanwhile would inherit that.
 */
export class SpawnSlots {
  readonly #maxRunning: number;
  readonly #maxWaiting: number;
  readonly #waiting: Waiting[] = [];
  #running = 0;
  #exclusive = false;

  constructor(maxRunning: number, maxWaiting: number) {
    this.#maxRunning = maxRunning;
    this.#maxWaiting = maxWaiting;
  }

  get isIdle(): boolean {
    return this.#running === 0;
  }

  /** Resolves when it may start: call `release` when it is done. Throws EAGAIN if too many wait. */
  async acquire(exclusive = false): Promise<void> {
    if (this.#waiting.length === 0 && this.#fits(exclusive)) {
      this.#take(exclusive);
      return;
    }
    if (this.#waiting.length >= this.#maxWaiting) {
      throw new FluxError("EAGAIN", "too many spawns are waiting");
    }
    await new Promise<void>((go) => this.#waiting.push({ exclusive, go }));
  }

  release(): void {
    this.#running--;
    this.#exclusive = false;
    for (let next = this.#waiting[0]; next && this.#fits(next.exclusive); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#take(next.exclusive);
      next.go();
    }
  }

  #fits(exclusive: boolean): boolean {
    return exclusive ? this.#running === 0 : !this.#exclusive && this.#running < this.#maxRunning;
  }

  #take(exclusive: boolean): void {
    this.#running++;
    this.#exclusive = exclusive;
  }
}
