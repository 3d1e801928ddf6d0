import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { parseR, toR } from "@flux-ts/protocol/resource/resource-set-json";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { Idset } from "@flux-ts/protocol/text/idset";
import type { Availability } from "../acquire/acquire-view.ts";
import type { DrainGroup } from "../drain/drain-state.ts";

/** The payload of `resource.status`: what administrators look at. */
export function statusPayload(
  resources: ResourceSet,
  drained: readonly DrainGroup[],
  up: Idset,
  { down, excluded, torpid }: Availability,
) {
  const { scheduling: _, ...R } = toR(resources);
  const drain: Record<string, { timestamp: number; reason: string }> = {};
  for (const { ranks, timestamp, reason } of drained) {
    drain[ranks.encode()] = { timestamp, reason: reason ?? "" };
  }
  return {
    R,
    drain,
    online: up.encode(),
    offline: down.encode(),
    exclude: excluded.encode(),
    torpid: torpid.encode(),
  };
}

/** The scheduler's view of the resources without asking it. */
export class SchedView {
  readonly #all: ResourceSet;
  readonly #R: JsonObject;

  constructor(resources: ResourceSet, { excluded, lost }: Availability) {
    const all = resources.clone();
    all.scheduling = undefined;
    all.removeRanks(excluded.union(lost));
    this.#all = all;
    this.#R = toR(all);
  }

  /** `allocated`: R of all jobs, if the job manager is there to tell. */
  payload({ down, drained, torpid }: Availability, allocated: JsonObject | undefined) {
    return {
      all: this.#R,
      down: toR(this.#all.copyRanks(down.union(drained).union(torpid))),
      allocated: allocated ? this.#withProperties(allocated) : emptyR(),
    };
  }

  #withProperties(allocated: JsonObject): JsonObject {
    const set = parseR(allocated);
    for (const [name, ranks] of this.#all.properties) {
      const having = ranks.intersect(set.ranks);
      if (!having.isEmpty) set.setProperty(name, having);
    }
    return toR(set);
  }
}

function emptyR(): JsonObject {
  const execution = { R_lite: [], starttime: 0, expiration: 0, nodelist: [""] };
  return { version: 1, execution };
}
