import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";
import { CommandError } from "../../usage-error.ts";

/** Hosts at these indices; with a minus sign they count from the end, from 1. */
export function nthHosts(hosts: Hostlist, given: string): Hostlist {
  const isFromEnd = given.startsWith("-");
  const ids = parseIds(isFromEnd ? given.slice(1) : given);
  const names = [...hosts];
  const indices = isFromEnd ? [...ids].reverse().map((id) => names.length - id) : [...ids];
  return Hostlist.from(
    indices.map((index) => {
      const name = names[index];
      if (name === undefined) throw new CommandError("Hostlist index out of range");
      return name;
    }),
  );
}

/** Where these hosts are in a list. All must be there. */
export function findHosts(hosts: Hostlist, wanted: string): number[] {
  return [...parseHosts(wanted)].map((name) => {
    const index = hosts.find(name);
    if (index === undefined) throw new CommandError(`host '${name}' not found`);
    return index;
  });
}

/** A hostlist that a person wrote. */
export function parseHosts(text: string): Hostlist {
  try {
    return Hostlist.parse(text);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(`Invalid hostlist: '${text}'`);
  }
}

function parseIds(text: string): Idset {
  try {
    return Idset.parse(text);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(`IDset(): Invalid argument: ${text}`);
  }
}
