import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";

/** Hosts of ranks and the reverse. */

/** The ranks that a target names: an idset itself, or hosts. Throws FluxError for what is not there. */
export function ranksOf(target: string, hosts: Hostlist): Idset {
  const ranks = idsetOf(target);
  if (ranks) return ranks;
  let wanted: Hostlist;
  try {
    wanted = Hostlist.parse(target);
  } catch (cause) {
    throw new FluxError("EINVAL", "target must be a valid idset or hostlist", { cause });
  }
  const found = [...wanted].map((host) => {
    const rank = hosts.find(host);
    if (rank !== undefined) return rank;
    throw new FluxError("ENOENT", `host ${host} not found in host map`);
  });
  return Idset.from(found);
}

/** The hosts of ranks, each with its rank's place in the list. */
export function hostsOf(ranks: Idset, hosts: Hostlist): Hostlist {
  const names = [...hosts];
  return Hostlist.from(
    [...ranks].map((rank) => {
      const name = names[rank];
      if (name !== undefined) return name;
      throw new FluxError("ENOENT", `rank ${rank} is not in host map`);
    }),
  );
}

/** An idset as hosts, or hosts as an idset. */
export function translated(target: string, hosts: Hostlist): string {
  const ranks = idsetOf(target);
  return ranks ? hostsOf(ranks, hosts).toString() : ranksOf(target, hosts).toString();
}

function idsetOf(text: string): Idset | undefined {
  try {
    return Idset.parse(text);
  } catch {
    return undefined;
  }
}
