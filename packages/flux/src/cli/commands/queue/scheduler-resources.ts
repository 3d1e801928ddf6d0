import type { Flux } from "@flux-ts/client/handle";
import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { parseR } from "@flux-ts/protocol/resource/resource-set-json";
import { resource } from "@flux-ts/protocol/services/resource";

/** Resources by what the scheduler can do with them. */
export interface SchedulerResources {
  readonly all: ResourceSet;
  readonly up: ResourceSet;
  readonly down: ResourceSet;
  readonly allocated: ResourceSet;
  readonly free: ResourceSet;
}

export async function schedulerResources(flux: Flux): Promise<SchedulerResources> {
  const status = await flux.call(resource.schedStatus, undefined, { nodeid: 0 });
  const all = parseR(status.all);
  const down = parseR(status.down);
  const allocated = parseR(status.allocated);
  const up = all.diff(down);
  return { all, up, down, allocated, free: up.diff(allocated) };
}
