import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Idset } from "@flux-ts/protocol/text/idset";

/**
 * What a drain event does to targets that are drained already (RFC 44): 0 nothing unless they have
 * no reason, 1 new reason, 2 new reason and time.
 */
export type Overwrite = 0 | 1 | 2;

export interface DrainInfo {
  /** Seconds since the epoch when it was drained. */
  readonly timestamp: number;
  readonly reason: string | undefined;
}

/** Targets with the same reason, drained within the same second. */
export interface DrainGroup extends DrainInfo {
  readonly ranks: Idset;
}

/** Which targets are drained, since when and why. */
export class DrainState {
  /** Ranks are below this. */
  readonly size: number;
  readonly #drained = new Map<number, DrainInfo>();

  constructor(size: number) {
    this.size = size;
  }

  /** The drained ranks. */
  get ranks(): Idset {
    return Idset.from(this.#drained.keys());
  }

  infoOf(rank: number): DrainInfo | undefined {
    return this.#drained.get(rank);
  }

  /** Drain ranks; those out of range are left out. */
  drain(ranks: Idset, info: DrainInfo, overwrite: Overwrite): void {
    for (const rank of ranks) {
      if (rank >= this.size) break;
      const old = this.#drained.get(rank);
      if (!overwrite && old?.reason !== undefined) continue;
      const timestamp = old && overwrite !== 2 ? old.timestamp : info.timestamp;
      this.#drained.set(rank, { timestamp, reason: info.reason });
    }
  }

  undrain(ranks: Idset): void {
    for (const rank of ranks) {
      if (rank >= this.size) break;
      this.#drained.delete(rank);
    }
  }

  /**
   * Check a request to drain without a mode: none of the ranks may be drained for a reason (EEXIST)
   * or excluded (EINVAL).
   */
  checkDrain(ranks: Idset, excluded: Idset): void {
    const refused = new Idset();
    const problems = new Set<string>();
    for (const rank of ranks) {
      if (this.#drained.get(rank)?.reason !== undefined) {
        problems.add("already drained");
        refused.add(rank);
      }
      if (excluded.has(rank)) {
        problems.add("excluded");
        refused.add(rank);
      }
    }
    if (refused.isEmpty) return;
    const isDrained = problems.has("already drained");
    const what = isDrained && problems.size > 1 ? "already drained or excluded" : [...problems][0];
    throw new FluxError(isDrained ? "EEXIST" : "EINVAL", `${ranksText(refused)} ${what}`);
  }

  /** Check a request to undrain without a mode: all ranks must be drained (EEXIST). */
  checkUndrain(ranks: Idset): void {
    const refused = new Idset();
    for (const rank of ranks) {
      if (!this.#drained.has(rank)) refused.add(rank);
    }
    if (!refused.isEmpty) throw new FluxError("EEXIST", `${ranksText(refused)} not drained`);
  }

  /** Drained ranks by reason and whole second. */
  groups(): DrainGroup[] {
    const groups = new Map<string, DrainGroup>();
    for (const [rank, info] of [...this.#drained].sort(([a], [b]) => a - b)) {
      const timestamp = Math.round(info.timestamp);
      const key = `${timestamp} ${info.reason ?? ""}`;
      const group = groups.get(key);
      if (group) group.ranks.add(rank);
      else groups.set(key, { ranks: Idset.of(rank), timestamp, reason: info.reason });
    }
    return [...groups.values()];
  }
}

function ranksText(ranks: Idset): string {
  return `rank${ranks.size > 1 ? "s" : ""} ${ranks.encode()}`;
}
