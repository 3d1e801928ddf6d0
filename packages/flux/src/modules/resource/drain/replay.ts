import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import { type TypeOf, t } from "@flux-ts/protocol/schema/schema";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { HostMap } from "../host-map.ts";
import type { DrainState, Overwrite } from "./drain-state.ts";

/** `checkpoint.resource`: the drain state as it was at a time, by idset of ranks. */
export const checkpointSchema = t.object({
  timestamp: t.real,
  drain_state: t.record(t.object({ timestamp: t.real, nodelist: t.string, reason: t.string })),
});
export type DrainCheckpoint = TypeOf<typeof checkpointSchema>;

/** Take over a checkpoint. */
export function restoreCheckpoint(
  state: DrainState,
  { drain_state }: DrainCheckpoint,
  hosts: HostMap,
): void {
  for (const [ranks, { timestamp, nodelist, reason }] of Object.entries(drain_state)) {
    // A missing reason is written as an empty one.
    const info = { timestamp, reason: reason || undefined };
    state.drain(targetsNow(ranks, nodelist, hosts), info, 0);
  }
}

/** The checkpoint of a state. */
export function checkpointOf(state: DrainState, hosts: HostMap, now: number): DrainCheckpoint {
  const drain_state: DrainCheckpoint["drain_state"] = {};
  for (const { ranks, timestamp, reason } of state.groups()) {
    drain_state[ranks.encode()] = {
      timestamp,
      nodelist: hosts.encode(ranks),
      reason: reason ?? "",
    };
  }
  return { timestamp: now, drain_state };
}

/**
 * Play a resource eventlog (RFC 44) from `since` on. Throws EPROTO naming the line of an event that
 * makes no sense.
 */
export function replayEventlog(
  state: DrainState,
  eventlog: readonly EventlogEntry[],
  since: number,
  hosts: HostMap,
): void {
  for (const [index, { timestamp, name, context = {} }] of eventlog.entries()) {
    if (timestamp < since || (name !== "drain" && name !== "undrain")) continue;
    const { idset, nodelist } = context;
    if (typeof idset !== "string" || typeof nodelist !== "string") {
      throw new FluxError("EPROTO", `line ${index + 1}: ${name} parse error`);
    }
    const ranks = targetsNow(idset, nodelist, hosts);
    if (name === "undrain") state.undrain(ranks);
    else state.drain(ranks, { timestamp, reason: reasonOf(context) }, overwriteOf(context));
  }
}

function reasonOf({ reason }: JsonObject): string | undefined {
  return typeof reason === "string" ? reason : undefined;
}

function overwriteOf({ overwrite }: JsonObject): Overwrite {
  // Events of old releases lack the key and always overwrote the reason.
  return overwrite === 0 || overwrite === 2 ? overwrite : 1;
}

/**
 * The ranks that recorded targets have today. The system may have been reconfigured: a host counts,
 * not its old rank, and one that is gone is dropped (RFC 44 drain).
 */
export function targetsNow(ranks: string, nodelist: string, hosts: HostMap): Idset {
  const names = [...Hostlist.parse(nodelist)];
  const now = new Idset();
  let position = 0;
  for (const rank of Idset.parse(ranks)) {
    const name = names[position++];
    // Several brokers may share a host, so the old rank stands while its host is the same.
    if (name === undefined || hosts.hostOf(rank) === name) now.add(rank);
    else {
      const moved = hosts.rankOf(name);
      if (moved !== undefined) now.add(moved);
    }
  }
  return now;
}

/** A checkpoint as read from the KVS; undefined if there is none. Throws EPROTO. */
export function readCheckpoint(value: Json | undefined): DrainCheckpoint | undefined {
  if (!isJsonObject(value)) return undefined;
  return checkpointSchema.check(value, "checkpoint.resource");
}
