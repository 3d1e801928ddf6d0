import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";

/**
 * The resources of the job that this instance is, with the ranks that its brokers have here.
 * Undefined if there is not one broker for each rank: then they must be discovered.
 */
export function fromEnclosing(
  job: ResourceSet,
  size: number,
  hostlist: string | undefined,
): ResourceSet | undefined {
  if (job.nnodes !== size) return undefined;
  const hosts = Hostlist.parse(hostlist ?? "");
  // With several brokers on a host, names do not tell which rank is which.
  const isUnique = new Set(hosts).size === hosts.size;
  const set = job.clone();
  if (isUnique && !hosts.isEmpty) rerankIfPossible(set, hosts);
  set.remap();
  set.nslots = 0;
  return set;
}

/** Made-up resources of a test name hosts that no broker runs on; their order then stands. */
function rerankIfPossible(set: ResourceSet, hosts: Hostlist): void {
  try {
    set.rerank(hosts);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
  }
}

/** Configured resources with the ranks of the brokers that `[bootstrap]` puts on their hosts. */
export function fromConfiguration(configured: ResourceSet, hostlist: string | undefined) {
  const set = configured.clone();
  if (hostlist === undefined) return set;
  try {
    return set.rerank(Hostlist.parse(hostlist));
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new FluxError("EINVAL", `error reranking R: ${text}`, { cause });
  }
}

/** Check that new resources have no ranks beyond the instance. Throws EINVAL. */
export function checkRanks(set: ResourceSet, size: number): void {
  const last = set.ranks.last();
  if (last === undefined || last < size) return;
  throw new FluxError(
    "EINVAL",
    `resource object contains ranks execeeding size=${size} (override with -f))`,
  );
}
