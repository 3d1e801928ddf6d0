/** The two clocks may drift apart this far before the fine one is set again. */
const maxDriftMs = 2;

/**
 * Seconds since the epoch in microseconds: timestamps of events, which should tell their order. Date.now
 * has milliseconds only; the monotonic clock gives the rest and is set by the other when it was changed.
 */
export class WallClock {
  #offsetMs = Number.NaN;
  #lastMs = 0;

  now(): number {
    const coarseMs = Date.now();
    const monotonicMs = performance.now();
    const driftMs = coarseMs - (this.#offsetMs + monotonicMs);
    if (!(driftMs > -maxDriftMs && driftMs < maxDriftMs)) {
      this.#offsetMs = coarseMs - monotonicMs;
      this.#lastMs = 0;
    }
    this.#lastMs = Math.max(this.#lastMs, this.#offsetMs + monotonicMs);
    return Math.round(this.#lastMs * 1000) / 1e6;
  }
}
