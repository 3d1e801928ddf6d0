import { parseConstraint } from "@flux-ts/protocol/job/constraint";
import { dottedValue } from "@flux-ts/protocol/job/dotted-path";
import type { Json, JsonObject } from "@flux-ts/protocol/schema/json";
import { isJsonObject } from "@flux-ts/protocol/schema/json";
import { parseDuration } from "@flux-ts/protocol/text/duration";
import type { FieldValue } from "../../output/format-value.ts";
import { CommandError } from "../../usage-error.ts";
import type { QueueState } from "./queue-state.ts";
import type { SchedulerResources } from "./scheduler-resources.ts";

const counted = ["nnodes", "ncores", "ngpus"] as const;
type Counted = (typeof counted)[number];
type Limits = Readonly<Record<Counted, number>>;

export interface QueueLimits {
  readonly isDefault: boolean;
  readonly defaultSeconds: number;
  readonly limitSeconds: number;
  readonly min: Limits;
  /** Infinity: no limit. */
  readonly max: Limits;
  readonly resources: SchedulerResources;
}
export interface ListedQueue extends QueueState, QueueLimits {}

const resourceStates = ["all", "free", "allocated", "up", "down"] as const;

export const headings: Readonly<Record<string, string>> = {
  queue: "QUEUE",
  queuem: "QUEUE",
  submission: "SUBMIT",
  scheduling: "SCHED",
  enabled: "EN",
  started: "ST",
  "enabled.ascii": "EN",
  "started.ascii": "ST",
  color_enabled: "",
  color_started: "",
  color_off: "",
  "defaults.timelimit": "TDEFAULT",
  "limits.timelimit": "TLIMIT",
  ...Object.fromEntries(
    counted.flatMap((what) => {
      const name = what.slice(1).toUpperCase();
      return [
        [`limits.range.${what}`, `N${name}`],
        [`limits.range.effective.${what}`, `N${name}`],
        [`limits.min.${what}`, `MIN${name}`],
        [`limits.max.${what}`, `MAX${name}`],
        ...resourceStates.map((state) => [
          `resources.${state}.${what}`,
          state === "all" ? name : `${name}:${state.slice(0, 5).toUpperCase()}`,
        ]),
      ];
    }),
  ),
};

/** Names of the queues to list: those asked for, or all that are configured. */
export function queueNames(settings: JsonObject, wanted: readonly string[]): string[] {
  const { queues } = settings;
  const configured = isJsonObject(queues) ? Object.keys(queues) : [];
  if (wanted.length === 0) return configured;
  for (const name of wanted) {
    if (!configured.includes(name)) throw new CommandError(`No such queue: ${name}`);
  }
  return [...new Set(wanted)];
}

/** What configuration and resources say about a queue (RFC 33). */
export function limitsOf(
  settings: JsonObject,
  queue: string | undefined,
  resources: SchedulerResources,
): QueueLimits {
  const queues = isJsonObject(settings.queues) ? settings.queues : {};
  const own = queue === undefined ? undefined : queues[queue];
  const policy = (path: string): Json | undefined =>
    (isJsonObject(own) ? dottedValue(own, `policy.${path}`) : undefined) ??
    dottedValue(settings, `policy.${path}`);
  const limits = (kind: "min" | "max", none: number): Limits => {
    const limit = (what: Counted): number => {
      const given = Number(policy(`limits.job-size.${kind}.${what}`) ?? none);
      return given < 0 ? Infinity : given;
    };
    return { nnodes: limit("nnodes"), ncores: limit("ncores"), ngpus: limit("ngpus") };
  };
  const seconds = (path: string): number => parseDuration(String(policy(path) ?? "inf"));
  const defaultQueue = dottedValue(settings, "policy.jobspec.defaults.system.queue");
  const requires = isJsonObject(own) ? own.requires : undefined;
  return {
    isDefault: queue !== undefined && queue === defaultQueue,
    defaultSeconds: seconds("jobspec.defaults.system.duration"),
    limitSeconds: seconds("limits.duration"),
    min: limits("min", 0),
    max: limits("max", Infinity),
    resources: Array.isArray(requires) ? restricted(resources, requires) : resources,
  };
}

function restricted(resources: SchedulerResources, properties: Json[]): SchedulerResources {
  const constraint = parseConstraint({ properties });
  const { all, up, down, allocated, free } = resources;
  return {
    all: all.filter(constraint),
    up: up.filter(constraint),
    down: down.filter(constraint),
    allocated: allocated.filter(constraint),
    free: free.filter(constraint),
  };
}

const green = "\x1b[01;32m";
const red = "\x1b[01;31m";

/** Value of a field of the table. */
export function fieldOf(queue: ListedQueue, field: string): FieldValue {
  switch (field) {
    case "queue":
      return queue.queue ?? "";
    case "queuem":
      return queue.queue === undefined ? "" : `${queue.queue}${queue.isDefault ? "*" : ""}`;
    case "submission":
      return queue.enable ? "enabled" : "disabled";
    case "scheduling":
      return queue.start ? "started" : "stopped";
    case "enabled":
      return queue.enable ? "✔" : "✗";
    case "started":
      return queue.start ? "✔" : "✗";
    case "enabled.ascii":
      return queue.enable ? "y" : "n";
    case "started.ascii":
      return queue.start ? "y" : "n";
    case "color_enabled":
      return queue.enable ? green : red;
    case "color_started":
      return queue.start ? green : red;
    case "color_off":
      return "\x1b[0;0m";
    case "defaults.timelimit":
      return queue.defaultSeconds;
    case "limits.timelimit":
      return queue.limitSeconds;
    default:
      return countOf(queue, field.split("."));
  }
}

function countOf(queue: ListedQueue, [group, ...rest]: string[]): FieldValue {
  const what = rest.at(-1) as Counted;
  if (group === "resources") return available(queue, rest[0] as keyof SchedulerResources, what);
  const { min, max } = queue;
  switch (rest.slice(0, -1).join(".")) {
    case "min":
      return min[what];
    case "max":
      return max[what];
    case "range":
      return `${limitText(min[what])}-${limitText(max[what])}`;
    default:
      return `${limitText(min[what])}-${Math.min(max[what], available(queue, "all", what))}`;
  }
}

function available(
  { resources }: QueueLimits,
  state: keyof SchedulerResources,
  what: Counted,
): number {
  const set = resources[state];
  return what === "nnodes" ? set.nnodes : set.count(what === "ncores" ? "core" : "gpu");
}

const limitText = (limit: number): string => (limit === Infinity ? "inf" : String(limit));
