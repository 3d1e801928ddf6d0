import type { Idset } from "@flux-ts/protocol/text/idset";

/** What decides whether a rank may be scheduled on. */
export interface Availability {
  readonly drained: Idset;
  readonly down: Idset;
  readonly torpid: Idset;
  readonly excluded: Idset;
  /** Ranks that went away; empty if they may come back. */
  readonly lost: Idset;
}

/** A change for the scheduler (RFC 28, additional responses). */
export interface AcquireUpdate {
  up?: string;
  down?: string;
  shrink?: string;
}

/** What a scheduler was told of the resources it acquired (RFC 28). */
export class AcquireView {
  #valid: Idset;
  #up: Idset;
  #removed: Idset;

  /** `ranks`: of the resources in the first response, excluded ones left out. */
  constructor(ranks: Idset, availability: Availability) {
    this.#valid = ranks;
    this.#up = available(ranks, availability);
    this.#removed = availability.lost;
    this.#valid = ranks.subtract(availability.lost);
  }

  get up(): Idset {
    return this.#up;
  }

  /** Something changed; undefined if the scheduler need not know. */
  onChange(availability: Availability): AcquireUpdate | undefined {
    const next = available(this.#valid, availability);
    const update: AcquireUpdate = {};
    const up = next.subtract(this.#up);
    const down = this.#up.subtract(next);
    this.#up = next;
    if (!up.isEmpty) update.up = up.encode();
    if (!down.isEmpty) update.down = down.encode();
    // RFC 28: what is removed is in `down` of the same response too, being offline.
    const shrink = availability.lost.subtract(this.#removed);
    if (!shrink.isEmpty) {
      this.#removed = this.#removed.union(shrink);
      this.#valid = this.#valid.subtract(shrink);
      update.shrink = shrink.encode();
    }
    return up.isEmpty && down.isEmpty && shrink.isEmpty ? undefined : update;
  }
}

function available(ranks: Idset, { drained, down, torpid, excluded }: Availability): Idset {
  return ranks.subtract(drained).subtract(down).subtract(torpid).subtract(excluded);
}
