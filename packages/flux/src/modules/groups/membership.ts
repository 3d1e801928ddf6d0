import { Idset } from "@flux-ts/protocol/text/idset";

/** Ranks that joined (`set`) or left a group. */
export interface GroupChange {
  readonly ranks: string;
  readonly set: boolean;
}
export type GroupUpdate = Record<string, GroupChange[]>;

/** Groups that this broker knows members of, and changes its parent has yet to hear. */
export class Membership {
  readonly #groups = new Map<string, Idset>();
  #pending: GroupUpdate = {};

  has(group: string, rank: number): boolean {
    return this.#groups.get(group)?.has(rank) ?? false;
  }

  members(group: string): Idset {
    return this.#groups.get(group) ?? new Idset();
  }

  /** Apply a change. False if it changed nothing. */
  apply(group: string, { ranks, set }: GroupChange): boolean {
    const members = this.#groups.get(group) ?? new Idset();
    const before = members.size;
    for (const rank of Idset.parse(ranks)) {
      if (set) members.add(rank);
      else members.remove(rank);
    }
    if (members.size > 0) this.#groups.set(group, members);
    else this.#groups.delete(group);
    if (members.size === before) return false;
    const changes = this.#pending[group] ?? [];
    changes.push({ ranks, set });
    this.#pending[group] = changes;
    return true;
  }

  /** Take ranks that are gone out of every group. Returns the groups that lost members. */
  removeRanks(ranks: Idset): string[] {
    const changed: string[] = [];
    for (const [group, members] of [...this.#groups]) {
      const lost = members.intersect(ranks);
      if (lost.size === 0) continue;
      this.apply(group, { ranks: lost.encode(), set: false });
      changed.push(group);
    }
    return changed;
  }

  /** Changes since the last call, in order; undefined if there are none. */
  takePending(): GroupUpdate | undefined {
    if (Object.keys(this.#pending).length === 0) return undefined;
    const update = this.#pending;
    this.#pending = {};
    return update;
  }

  /** All groups, as `groups.stats-get` shows them. */
  toJson(): Record<string, string> {
    const all: Record<string, string> = {};
    for (const [group, members] of this.#groups) all[group] = members.encode();
    return all;
  }
}
