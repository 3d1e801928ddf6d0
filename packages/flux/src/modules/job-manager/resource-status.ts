import { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { parseR, toR } from "@flux-ts/protocol/resource/resource-set-json";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { Manager } from "./manager.ts";

/** The resources that jobs have from the scheduler, as one R. EINVAL if two jobs have the same. */
export function allocatedResources({ housekeeping, jobName, jobs }: Manager): JsonObject {
  const all = ResourceSet.of([]);
  for (const { id, R, freePosted, allocBypass } of jobs.active.values()) {
    if (R && !freePosted && !allocBypass) append(all, jobName(id), () => parseR(R));
  }
  for (const [id, resources] of housekeeping.resources()) append(all, jobName(id), () => resources);
  return toR(all);
}

function append(all: ResourceSet, job: string, resources: () => ResourceSet): void {
  try {
    all.append(resources());
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    const what = error.code === "EEXIST" ? "duplicate allocation" : error.message;
    throw new FluxError("EINVAL", `${job}: ${what}`);
  }
}
