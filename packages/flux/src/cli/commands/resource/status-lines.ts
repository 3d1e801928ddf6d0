import type { DrainedFor, ResourceStatus } from "@flux-ts/client/resource-status";
import type { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { OutputFormat } from "../../output/format.ts";
import type { FieldValue } from "../../output/format-value.ts";
import type { StatusState } from "./status-states.ts";

export const statusHeadings = {
  state: "STATE",
  statex: "STATE",
  nnodes: "NNODES",
  ranks: "RANKS",
  nodelist: "NODELIST",
  reason: "REASON",
  timestamp: "TIME",
  status: "STATUS",
  up: "UP",
  "up.ascii": "UP",
  color_up: "",
  color_off: "",
};

/** A line of the status: ranks of which the same is to be said. */
export interface StatusLine {
  readonly state: StatusState;
  readonly online: boolean;
  ranks: Idset;
  readonly hosts: Hostlist;
  readonly drained: DrainedFor | undefined;
}

const plainStates = ["avail", "exclude", "allocated", "torpid", "housekeeping"] as const;
const drainStates = ["draining", "drained"] as const;

/** Lines for these states; those that `format` would print the same are one. */
export function statusLines(
  status: ResourceStatus,
  states: ReadonlySet<StatusState>,
  format: OutputFormat,
): StatusLine[] {
  const telling = format.without(new Set(["nodelist", "ranks", "nnodes"]));
  const lines = new Map<string, StatusLine>();
  for (const line of allLines(status, states)) {
    const key = telling.keyOf(line, statusField);
    const same = lines.get(key);
    if (!same) {
      lines.set(key, line);
      continue;
    }
    same.ranks = same.ranks.union(line.ranks);
    same.hosts.append(line.hosts).sort();
  }
  return [...lines.values()];
}

function* allLines(
  status: ResourceStatus,
  states: ReadonlySet<StatusState>,
): Generator<StatusLine> {
  const isWanted = (state: StatusState): boolean => states.has("all") || states.has(state);
  // Naming one of online and offline leaves out the other.
  const withOnline = states.has("online") || !states.has("offline");
  const withOffline = states.has("offline") || !states.has("online");
  const lineOf = (state: StatusState, online: boolean, ranks: Idset): StatusLine => ({
    state,
    online,
    ranks,
    hosts: status.hostsOf(ranks),
    drained: undefined,
  });
  for (const state of plainStates) {
    if (!isWanted(state)) continue;
    const ranks = state === "torpid" ? torpidAlone(status, isWanted) : status[state];
    if (withOnline) yield lineOf(state, true, ranks.intersect(status.online));
    if (withOffline) yield lineOf(state, false, ranks.intersect(status.offline));
  }
  for (const state of drainStates) {
    if (!isWanted(state)) continue;
    if (status[state].isEmpty && withOnline) yield lineOf(state, true, new Idset());
    for (const rank of status[state]) {
      const online = status.online.has(rank);
      if (!(online ? withOnline : withOffline)) continue;
      yield { ...lineOf(state, online, Idset.of(rank)), drained: status.reasonOf(rank) };
    }
  }
}

/** Ranks that are torpid and not shown as drained. */
function torpidAlone(
  { torpid, draining, drained }: ResourceStatus,
  isWanted: (state: StatusState) => boolean,
): Idset {
  let ranks = torpid;
  if (isWanted("draining")) ranks = ranks.subtract(draining);
  if (isWanted("drained")) ranks = ranks.subtract(drained);
  return ranks;
}

/** The value of a field. */
export function statusField(line: StatusLine, field: string): FieldValue {
  const { state, online, ranks, hosts, drained } = line;
  switch (field) {
    case "state":
      return online ? state : `${state}*`;
    case "statex":
      return state;
    case "status":
      return online ? "online" : "offline";
    case "up":
      return online ? "✔" : "✗";
    case "up.ascii":
      return online ? "y" : "n";
    case "color_up":
      return online ? "\x1b[01;32m" : "\x1b[01;31m";
    case "color_off":
      return "\x1b[0;0m";
    case "nnodes":
      return hosts.size;
    case "ranks":
      return ranks.encode();
    case "nodelist":
      return hosts.encode();
    case "reason":
      return drained?.reason ?? "";
    default:
      return drained?.timestamp ?? "";
  }
}
