import { rSchema } from "@flux-ts/protocol/resource/resource-set-json";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";

/** What an R says that listings show. */
export interface ResourceFacts {
  readonly ranks: string;
  readonly nodelist: string | undefined;
  readonly nnodes: number;
  readonly ncores: number;
  readonly nslots: number;
  readonly expiration: number;
}

/**
 * Read R (RFC 20) for a listing, without making a resource set of it: this happens for each job.
 * EPROTO or EINVAL if it is malformed.
 */
export function readR(R: JsonObject): ResourceFacts {
  const { execution } = rSchema.check(R, "R");
  let ranks = new Idset();
  let ncores = 0;
  for (const { rank, children } of execution.R_lite) {
    const ids = Idset.parse(rank);
    ncores += ids.size * Idset.parse(children.core ?? "").size;
    ranks = ranks.isEmpty ? ids : ranks.union(ids);
  }
  const { nodelist, nslots = 0, expiration = 0 } = execution;
  return {
    ranks: ranks.encode({ brackets: true }),
    // Read and printed again, so that all listings have the same form.
    nodelist: nodelist && Hostlist.parse(nodelist.join(",")).encode(),
    nnodes: ranks.size,
    ncores,
    nslots,
    expiration: Math.max(0, expiration),
  };
}
