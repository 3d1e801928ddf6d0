import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { parseR } from "@flux-ts/protocol/resource/resource-set-json";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import { method, type ResponseOf } from "@flux-ts/protocol/rpc/method";
import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";
import { t } from "@flux-ts/protocol/schema/schema";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { resource } from "@flux-ts/protocol/services/resource";
import { sched } from "@flux-ts/protocol/services/sched";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { Flux } from "./handle.ts";
import { ResourceStatus } from "./resource-status.ts";

const leader = { nodeid: 0 } as const;

/** Resources by what the scheduler can do with them. */
export interface SchedResources {
  readonly all: ResourceSet;
  readonly down: ResourceSet;
  readonly allocated: ResourceSet;
  /** All that are not down. */
  readonly up: ResourceSet;
  /** Those that are neither down nor allocated. */
  readonly free: ResourceSet;
}

/** Resources by state, from those that a service tells. */
export function schedResourcesOf(status: {
  readonly all: JsonObject;
  readonly down: JsonObject;
  readonly allocated: JsonObject;
}): SchedResources {
  const [all, down, allocated] = [status.all, status.down, status.allocated].map(parseR);
  return derived(all!, down!, allocated!);
}

function derived(all: ResourceSet, down: ResourceSet, allocated: ResourceSet): SchedResources {
  const up = all.diff(down);
  return { all, down, allocated, up, free: up.diff(allocated) };
}

/** The resources of these ranks alone. */
export function onlyRanks({ all, down, allocated }: SchedResources, ranks: Idset): SchedResources {
  return derived(all.copyRanks(ranks), down.copyRanks(ranks), allocated.copyRanks(ranks));
}

/**
 * Ask for the instance's resources by state. `topic`: another service that answers the same; without
 * `resource.sched-status`, as in old instances, the scheduler itself is asked.
 */
export async function schedResources(
  flux: Flux,
  topic = resource.schedStatus.topic,
): Promise<SchedResources> {
  const declared =
    topic === resource.schedStatus.topic
      ? resource.schedStatus
      : method(topic, {
          response: { all: t.jsonObject, down: t.jsonObject, allocated: t.jsonObject },
        });
  let status: ResponseOf<typeof resource.schedStatus>;
  try {
    status = await flux.call(declared, undefined, leader);
  } catch (error) {
    if (!isErrno(error, "ENOSYS")) throw error;
    status = await flux.call(sched.resourceStatus, undefined, leader);
  }
  return schedResourcesOf(status);
}

/** The administrator's view: which ranks are drained, excluded, torpid, busy. */
export async function resourceStatus(flux: Flux, topic?: string): Promise<ResourceStatus> {
  const [status, allocated, housekeeping] = await Promise.all([
    flux.call(resource.status, undefined, leader),
    schedResources(flux, topic).then(
      (resources) => resources.allocated.ranks,
      () => new Idset(),
    ),
    flux.call(jobManager.statsGet, undefined, leader).then(housekeepingRanks, () => new Idset()),
  ]);
  return new ResourceStatus(status, allocated, housekeeping);
}

function housekeepingRanks(stats: JsonObject): Idset {
  const { running } = isJsonObject(stats.housekeeping) ? stats.housekeeping : {};
  let ranks = new Idset();
  for (const job of Object.values(isJsonObject(running) ? running : {})) {
    if (isJsonObject(job) && typeof job.allocated === "string") {
      ranks = ranks.union(Idset.parse(job.allocated));
    }
  }
  return ranks;
}

export interface DrainOptions {
  readonly reason?: string | undefined;
  /** What to do with targets that are drained (or not drained) already; absent: refuse with EEXIST. */
  readonly mode?: "update" | "overwrite" | "force-overwrite" | undefined;
}

/** Take ranks or hosts out of service. Answered when the fact survives any crash. */
export function drain(flux: Flux, targets: string, options: DrainOptions = {}): Promise<void> {
  return flux.call(resource.drain, { targets, ...options }, leader);
}

export function undrain(flux: Flux, targets: string, options: DrainOptions = {}): Promise<void> {
  return flux.call(resource.undrain, { targets, ...options }, leader);
}

/** An event of the resources (RFC 44). */
export interface ResourceEvent {
  readonly entry: EventlogEntry;
  /** The resource set, with a resource-define event. */
  readonly R: JsonObject | undefined;
}

/**
 * The events of the instance's resources: those that happened, undefined in their place once they are
 * all told, then those that happen. Leaving the loop ends it.
 */
export async function* resourceJournal(flux: Flux): AsyncGenerator<ResourceEvent | undefined> {
  const options = { ...leader, cancel: resource.journalCancel };
  for await (const { events, R } of flux.stream(resource.journal, undefined, options)) {
    if (events.length === 0) yield undefined;
    for (const event of events) yield { entry: entryOf(event), R };
  }
}

function entryOf({ timestamp, name, context }: JsonObject): EventlogEntry {
  if (typeof timestamp !== "number" || typeof name !== "string") {
    throw new FluxError("EPROTO", "resource.journal: a response without event name or timestamp");
  }
  return isJsonObject(context) ? { timestamp, name, context } : { timestamp, name };
}

/**
 * Ranks that idset text names, or the first rank on each host of a hostlist, as flux-core's tools have
 * it; hosts that are unknown are left out.
 */
export function ranksOf(targets: string, set: ResourceSet): Idset {
  try {
    return Idset.parse(targets);
  } catch {
    const ranks = new Map<string, number>();
    for (const { hostname = "", rank } of set.nodes.toReversed()) ranks.set(hostname, rank);
    return Idset.from([...Hostlist.parse(targets)].flatMap((host) => ranks.get(host) ?? []));
  }
}
