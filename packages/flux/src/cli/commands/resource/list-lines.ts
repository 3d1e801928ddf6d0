import type { SchedResources } from "@flux-ts/client/resource";
import { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { FieldValue } from "../../output/format-value.ts";
import type { ListedState } from "./listed-resources.ts";

export const listHeadings = {
  state: "STATE",
  queue: "QUEUE",
  properties: "PROPERTIES",
  propertiesx: "PROPERTIES",
  nnodes: "NNODES",
  ncores: "NCORES",
  ngpus: "NGPUS",
  ranks: "RANKS",
  nodelist: "NODELIST",
  rlist: "LIST",
};

/** A line of the listing. */
export interface ListLine {
  readonly state: ListedState;
  /** The queue that an empty line stands for. */
  readonly emptyQueue: string | undefined;
  /** Queues that may be named, with the properties that each requires (RFC 33). */
  readonly queues: ReadonlyMap<string, readonly string[]>;
  /** All queues: a property named like one only says that its nodes are in it. */
  readonly queueNames: readonly string[];
  set: ResourceSet;
}

/** Fields that tell lines apart; the others are counts and names that add up. */
const telling = ["state", "properties", "propertiesx", "queue"];

export interface LineChoice {
  readonly states: readonly ListedState[];
  /** Fields of the format, in its order. */
  readonly fields: readonly string[];
  /** Queues asked for; none: all that are not hidden. */
  readonly queues: readonly string[];
  readonly hiddenQueues: readonly string[];
}

/** Lines for resources in these states: those that would say the same are one. */
export function listLines(
  resources: SchedResources,
  settings: JsonObject,
  choice: LineChoice,
): ListLine[] {
  const isTelling = choice.fields.length > 1 || choice.fields.includes("state");
  const fields = isTelling ? choice.fields.filter((field) => telling.includes(field)) : [];
  const lines = new Map<string, ListLine>();
  for (const state of choice.states) {
    for (const line of linesOfState(state, resources[state], settings, choice)) {
      const key = fields.map((field) => `${listField(line, field)}:`).join("");
      const same = lines.get(key);
      if (same) same.set = same.set.union(line.set);
      else lines.set(key, line);
    }
  }
  const place = ({ state }: ListLine): number => choice.states.indexOf(state);
  const first = ({ set }: ListLine): number => set.ranks.first() ?? -1;
  return [...lines.values()].sort((a, b) => place(a) - place(b) || first(a) - first(b));
}

/** Resources with the same properties make a line; an empty line stands for no resources. */
function linesOfState(
  state: ListedState,
  set: ResourceSet,
  settings: JsonObject,
  choice: LineChoice,
): ListLine[] {
  const queueNames = Object.keys(isJsonObject(settings.queues) ? settings.queues : {});
  const queues = namedQueues(settings, choice);
  const line = { state, queues, queueNames };
  if (set.nnodes > 0) {
    return byProperties(set).map((part) => ({ ...line, emptyQueue: undefined, set: part }));
  }
  const shown = choice.queues.length > 0 ? choice.queues : [...queues.keys()];
  return (shown.length > 0 ? shown : [""]).map((emptyQueue) => ({
    ...line,
    emptyQueue,
    set: new ResourceSet(),
  }));
}

/** The queues asked for; if none was, all that are not hidden. */
function namedQueues({ queues }: JsonObject, choice: LineChoice): Map<string, readonly string[]> {
  const named = new Map<string, readonly string[]>();
  for (const [name, queue] of Object.entries(isJsonObject(queues) ? queues : {})) {
    const isWanted =
      choice.queues.length > 0 ? choice.queues.includes(name) : !choice.hiddenQueues.includes(name);
    const requires = isJsonObject(queue) ? queue.requires : undefined;
    if (isWanted) named.set(name, Array.isArray(requires) ? requires.map(String) : []);
  }
  return named;
}

function byProperties(set: ResourceSet): ResourceSet[] {
  const parts = new Map<string, Idset>();
  for (const rank of set.ranks) {
    const names = [...set.properties].filter(([, ranks]) => ranks.has(rank));
    const key = names.map(([name]) => name).join("\0");
    const ranks = parts.get(key) ?? new Idset();
    parts.set(key, ranks.add(rank));
  }
  return [...parts.values()].map((ranks) => set.copyRanks(ranks));
}

/** The value of a field. */
export function listField(line: ListLine, field: string): FieldValue {
  const { state, queueNames, set } = line;
  switch (field) {
    case "state":
      return state;
    case "queue":
      return line.emptyQueue ?? queuesOf(line).join(",");
    case "properties":
      return [...set.properties.keys()].join(",");
    case "propertiesx":
      return [...set.properties.keys()].filter((name) => !queueNames.includes(name)).join(",");
    case "nnodes":
      return set.nnodes;
    case "ncores":
      return set.count("core");
    case "ngpus":
      return set.count("gpu");
    case "ranks":
      return set.ranks.encode();
    case "nodelist":
      return hostsOf(set).encode();
    default:
      return set.dumps();
  }
}

/** Queues that the resources of a line are in. */
function queuesOf({ queues, set }: ListLine): string[] {
  const having = [...queues].filter(([, requires]) =>
    requires.every((name) => set.properties.has(name)),
  );
  return having.map(([name]) => name);
}

/** R without host names is shown by ranks. */
function hostsOf(set: ResourceSet): Hostlist {
  return Hostlist.from(set.nodes.map(({ rank, hostname }) => hostname ?? `rank${rank}`));
}
