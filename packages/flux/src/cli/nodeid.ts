import type { Flux } from "@flux-ts/client/handle";
import { nodeidAny, nodeidUpstream } from "@flux-ts/protocol/message/message";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";

/** Where a request goes, and how a person is told. */
export interface NodeTarget {
  readonly nodeid: number;
  readonly shown: string;
  /** ` (rank 3)` for a host. */
  readonly suffix: string;
}

/** A rank, a host name of the instance, `any` or `upstream`; undefined for anything else. */
export async function nodeTarget(flux: Flux, text: string): Promise<NodeTarget | undefined> {
  if (text === "any") return { nodeid: nodeidAny, shown: text, suffix: "" };
  if (text === "upstream") return { nodeid: nodeidUpstream, shown: text, suffix: "" };
  const rank = Hostlist.parse(await flux.attr("hostlist")).find(text);
  if (rank !== undefined) return { nodeid: rank, shown: text, suffix: ` (rank ${rank})` };
  const number = /^\d+$/.test(text) ? Number(text) : undefined;
  return number === undefined ? undefined : { nodeid: number, shown: String(number), suffix: "" };
}
