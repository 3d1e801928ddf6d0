import { FluxError } from "../rpc/error.ts";
import { Idset } from "../text/idset.ts";

/** Characters that constraints use (RFC 31, RFC 35), which property names hence must not have. */
const forbidden = /[!&'"^`|()]/;

/** Properties of execution targets (RFC 20): names, and the ranks that have each. */
export class PropertyMap {
  readonly #ranks = new Map<string, Idset>();

  get ranks(): ReadonlyMap<string, Idset> {
    return this.#ranks;
  }

  has(name: string, rank: number): boolean {
    return this.#ranks.get(name)?.has(rank) ?? false;
  }

  /** Give ranks a property. EINVAL if its name is not allowed. */
  set(name: string, ranks: Idset): void {
    checkPropertyName(name);
    this.add(name, ranks);
  }

  /** Give ranks a property whose name was checked before. */
  add(name: string, ranks: Idset): void {
    const given = this.#ranks.get(name);
    this.#ranks.set(name, given ? given.union(ranks) : ranks.clone());
  }

  /** The properties of these ranks alone; those that none of them has are left out. */
  only(ranks: Idset): PropertyMap {
    return this.#map((given) => given.intersect(ranks));
  }

  /** The same properties after ranks changed. */
  renumbered(newRanks: ReadonlyMap<number, number>): PropertyMap {
    return this.#map((given) => {
      const renumbered = new Idset();
      for (const rank of given) {
        const now = newRanks.get(rank);
        if (now !== undefined) renumbered.add(now);
      }
      return renumbered;
    });
  }

  #map(change: (ranks: Idset) => Idset): PropertyMap {
    const map = new PropertyMap();
    for (const [name, ranks] of this.#ranks) {
      const changed = change(ranks);
      if (changed.size) map.#ranks.set(name, changed);
    }
    return map;
  }
}

/** EINVAL if RFC 20 forbids this name of a property. */
export function checkPropertyName(name: string): void {
  const character = forbidden.exec(name)?.[0];
  if (character !== undefined) {
    throw new FluxError("EINVAL", `invalid character '${character}' in property "${name}"`);
  }
  if (name === "") throw new FluxError("EINVAL", "property name is empty");
}
