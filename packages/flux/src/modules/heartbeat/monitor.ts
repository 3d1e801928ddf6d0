/** Limits of a follower's patience; seconds. */
export interface HeartbeatLimits {
  readonly period: number;
  /** Periods of silence after which it is warned. */
  readonly warnAfter: number;
  /** Silence after which the parent is given up; Infinity is never. */
  readonly timeout: number;
}

export type HeartbeatEffect =
  | { readonly do: "warn"; readonly overdue: number }
  | { readonly do: "disconnect-parent"; readonly silent: number };

/** What a follower makes of its leader's heartbeats. Times are seconds on any monotonic clock. */
export class HeartbeatMonitor {
  #lastSeen: number;
  #warned = false;
  #gaveUp = false;
  limits: HeartbeatLimits;

  constructor(limits: HeartbeatLimits, now: number) {
    this.limits = limits;
    this.#lastSeen = now;
  }

  onHeartbeat(now: number): void {
    this.#lastSeen = now;
    this.#warned = false;
  }

  onTick(now: number): HeartbeatEffect[] {
    const silent = now - this.#lastSeen;
    const { period, warnAfter, timeout } = this.limits;
    if (this.#gaveUp) return [];
    if (silent >= timeout) {
      this.#gaveUp = true;
      return [{ do: "disconnect-parent", silent }];
    }
    if (this.#warned || silent < period * warnAfter) return [];
    this.#warned = true;
    return [{ do: "warn", overdue: silent - period }];
  }
}
