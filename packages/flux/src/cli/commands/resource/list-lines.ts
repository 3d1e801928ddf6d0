import type { SchedResources } from "@flux-ts/client/resource";
import { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";
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
  /** Queues that have the resources; of an empty line, the one it stands for. */
  readonly queue: string;
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

/** Resources with the same properties are in the same queues; an empty line stands for no resources. */
function linesOfState(
  state: ListedState,
  set: ResourceSet,
  settings: JsonObject,
  { queues, hiddenQueues }: LineChoice,
): ListLine[] {
  const configured = isJsonObject(settings.queues) ? settings.queues : {};
  const queueNames = Object.keys(configured);
  if (set.nnodes === 0) {
    const shown = queues.length > 0 ? queues : queueNames.filter((q) => !hiddenQueues.includes(q));
    return (shown.length > 0 ? shown : [""]).map((queue) => ({
      state,
      queue,
      queueNames,
      set: new ResourceSet(),
    }));
  }
  return byProperties(set).map((part) => {
    const having = Object.entries(configured).filter(([name, queue]) => {
      if (queues.length > 0 ? !queues.includes(name) : hiddenQueues.includes(name)) return false;
      const requires = isJsonObject(queue) ? queue.requires : undefined;
      return !Array.isArray(requires) || requires.every((p) => part.properties.has(String(p)));
    });
    return { state, queue: having.map(([name]) => name).join(","), queueNames, set: part };
  });
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
export function listField({ state, queue, queueNames, set }: ListLine, field: string): FieldValue {
  switch (field) {
    case "state":
      return state;
    case "queue":
      return queue;
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
      return set.nodelist()?.encode() ?? "";
    default:
      return set.dumps();
  }
}
