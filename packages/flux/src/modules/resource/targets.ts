import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";

/** Ranks named by idset text or by the names of hosts in `resources`. Throws EINVAL. */
export function ranksOfTargets(targets: string, resources: ResourceSet | undefined): Idset {
  try {
    return Idset.parse(targets);
  } catch {
    // Then they may be hosts.
  }
  if (!resources) {
    throw new FluxError("EINVAL", "R is unavailable for mapping hostnames to ranks");
  }
  let hosts: Hostlist;
  try {
    hosts = Hostlist.parse(targets);
  } catch (cause) {
    throw new FluxError("EINVAL", "invalid targets: Hostlist cannot be decoded", { cause });
  }
  try {
    return resources.ranksOfHosts(hosts);
  } catch (cause) {
    const text = cause instanceof FluxError ? cause.message : String(cause);
    throw new FluxError("EINVAL", `invalid targets: ${text}`, { cause });
  }
}
