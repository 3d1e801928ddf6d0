import { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { parseR } from "@flux-ts/protocol/resource/resource-set-json";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";

/** What `resource.status` tells; older instances know less. */
export interface StatusPayload {
  readonly R: JsonObject | null;
  readonly drain: Readonly<Record<string, { timestamp: number; reason: string }>>;
  readonly online: string;
  readonly offline: string;
  readonly exclude: string;
  readonly torpid?: string;
}

/** Why and since when a rank is drained. */
export interface DrainedFor {
  readonly timestamp: number;
  readonly reason: string;
}

/** Ranks of an instance by administrative state. */
export class ResourceStatus {
  readonly resources: ResourceSet;
  readonly all: Idset;
  readonly online: Idset;
  readonly offline: Idset;
  readonly exclude: Idset;
  readonly torpid: Idset;
  /** Ranks with jobs. */
  readonly allocated: Idset;
  readonly housekeeping: Idset;
  /** Drained, with jobs still on them. */
  readonly draining: Idset;
  readonly drained: Idset;
  /** Neither excluded, drained nor torpid; may be offline. */
  readonly avail: Idset;
  readonly #payload: StatusPayload;
  readonly #reasons = new Map<number, DrainedFor>();

  /** `only`: the ranks to tell of; default: all. */
  constructor(payload: StatusPayload, allocated: Idset, housekeeping: Idset, only?: Idset) {
    const limited = (ranks: Idset): Idset => (only ? ranks.intersect(only) : ranks);
    this.#payload = payload;
    this.resources = payload.R ? parseR(payload.R) : new ResourceSet();
    this.all = limited(this.resources.ranks);
    this.online = limited(Idset.parse(payload.online));
    this.offline = limited(Idset.parse(payload.offline));
    this.exclude = limited(Idset.parse(payload.exclude));
    this.torpid = limited(Idset.parse(payload.torpid ?? ""));
    this.allocated = limited(allocated);
    this.housekeeping = housekeeping;
    for (const [ranks, info] of Object.entries(payload.drain)) {
      for (const rank of limited(Idset.parse(ranks))) this.#reasons.set(rank, info);
    }
    const drained = Idset.from(this.#reasons.keys());
    this.draining = drained.intersect(this.allocated);
    this.drained = drained.subtract(this.draining);
    this.avail = this.all.subtract(this.exclude).subtract(drained).subtract(this.torpid);
  }

  /** The same, telling of these ranks alone. */
  only(ranks: Idset): ResourceStatus {
    return new ResourceStatus(this.#payload, this.allocated, this.housekeeping, ranks);
  }

  /** Why a rank is drained. */
  reasonOf(rank: number): DrainedFor | undefined {
    return this.#reasons.get(rank);
  }

  /** Hosts of ranks, in order of rank. */
  hostsOf(ranks: Idset): Hostlist {
    const hosts = new Hostlist();
    for (const { rank, hostname } of this.resources.nodes) {
      if (ranks.has(rank) && hostname !== undefined) hosts.push(hostname);
    }
    return hosts;
  }
}
