import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { t } from "@flux-ts/protocol/schema/schema";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { HostMap } from "../host-map.ts";

/** Context of a resource-init event, which summed up who was drained before the module started. */
const summarySchema = t.object({
  drain: t.record(t.object({ timestamp: t.real, reason: t.optional(t.string) })),
});
const changeSchema = t.object({
  idset: t.string,
  nodelist: t.optional(t.string),
  reason: t.optional(t.string),
});

/**
 * An eventlog of a flux-core older than 0.62 in today's form: the last resource-init becomes drain
 * events, what came before it and what is no longer an event goes, and changes name their hosts.
 * Undefined if there is nothing to do. `warn` hears of events that had to be dropped.
 */
export function upgradeEventlog(
  eventlog: readonly EventlogEntry[],
  hosts: HostMap,
  warn: (text: string) => void,
): EventlogEntry[] | undefined {
  const start = eventlog.findLastIndex(({ name }) => name === "resource-init");
  const init = eventlog[start];
  if (!init) return undefined;
  const { drain } = summarySchema.check(init.context ?? {}, `line ${start + 1}: resource-init`);
  const upgraded: EventlogEntry[] = [];
  for (const [idset, { timestamp, reason }] of Object.entries(drain)) {
    const nodelist = hostsOf(idset, hosts);
    if (nodelist === undefined) warn(dropped("drain data", idset, timestamp, reason));
    else upgraded.push({ timestamp, name: "drain", context: contextOf(idset, nodelist, reason) });
  }
  upgraded.sort((a, b) => a.timestamp - b.timestamp);
  for (const event of eventlog.slice(start + 1)) {
    const { name } = event;
    if (name === "drain" || name === "undrain") {
      const change = withHosts(event, hosts, warn);
      if (change) upgraded.push(change);
    } else if (name === "resource-define") upgraded.push(event);
  }
  return upgraded;
}

/** A drain or undrain event that says which hosts it was about. */
function withHosts(
  event: EventlogEntry,
  hosts: HostMap,
  warn: (text: string) => void,
): EventlogEntry | undefined {
  const { timestamp, name, context } = event;
  let change: { idset: string; nodelist?: string | undefined; reason?: string | undefined };
  try {
    change = changeSchema.check(context ?? {}, name);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    warn(`dropping old ${name} event with invalid context`);
    return undefined;
  }
  if (change.nodelist !== undefined) return event;
  const nodelist = hostsOf(change.idset, hosts);
  if (nodelist !== undefined) return { ...event, context: { ...context, nodelist } };
  warn(dropped(`${name} event`, change.idset, timestamp, change.reason));
  return undefined;
}

function hostsOf(ranks: string, hosts: HostMap): string | undefined {
  try {
    return hosts.encode(Idset.parse(ranks));
  } catch {
    return undefined;
  }
}

function contextOf(idset: string, nodelist: string, reason: string | undefined): JsonObject {
  return { idset, nodelist, ...(reason !== undefined && { reason }) };
}

function dropped(what: string, ranks: string, timestamp: number, reason = ""): string {
  const when = `${new Date(timestamp * 1000).toISOString().slice(0, 19)}Z UTC`;
  return `dropping old ${what} with invalid ranks (ranks=${ranks} timestamp=${when} reason=${reason})`;
}
