import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";

/** How lists become one; without any of these they are joined. */
export interface Combination {
  readonly intersect: boolean;
  readonly xor: boolean;
  readonly minus: boolean;
}

export function combined(lists: readonly Hostlist[], how: Combination): Hostlist {
  const [first = new Hostlist(), ...others] = lists;
  if (how.intersect) return others.reduce((all, list) => all.intersect(list), first);
  if (how.xor) return others.reduce((all, list) => all.xor(list), first);
  const all = first.clone();
  for (const list of others) {
    if (how.minus) all.delete(list);
    else all.append(list);
  }
  return all;
}

export interface Narrowing {
  readonly exclude: Hostlist | undefined;
  readonly sort: boolean;
  readonly union: boolean;
  readonly limit: number | undefined;
}

/** The list without what is excluded, sorted, each host once, and limited, in this order. */
export function narrowed(all: Hostlist, { exclude, sort, union, limit }: Narrowing): Hostlist {
  let hosts = exclude ? without(all, exclude) : all.clone();
  if (sort) hosts.sort();
  if (union) hosts.uniq();
  if (limit) {
    const names = [...hosts];
    hosts = Hostlist.from(limit > 0 ? names.slice(0, limit) : names.slice(limit));
  }
  return hosts;
}

/** Hosts are meant if the list has one of them, else indices. */
function without(all: Hostlist, exclude: Hostlist): Hostlist {
  const rest = all.subtract(exclude);
  if (rest.size < all.size) return rest;
  let indices: Idset;
  try {
    indices = Idset.parse(exclude.encode());
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    return rest;
  }
  return Hostlist.from([...all].filter((_, index) => !indices.has(index)));
}
