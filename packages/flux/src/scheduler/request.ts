import type { ResourceCount } from "@flux-ts/protocol/job/jobspec";
import { type CountRange, parseCount, scaledCount } from "@flux-ts/protocol/job/resource-count";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";

/** What a jobspec asks of the scheduler. */
export interface ResourceRequest {
  /** Nodes; undefined if the job asks for slots wherever they are. */
  readonly nodes: CountRange | undefined;
  /** Slots: of each node if `nodes` is given, else in all. */
  readonly slots: CountRange;
  readonly coresPerSlot: number;
  readonly gpusPerSlot: number;
  /** Seconds; 0 is unlimited. */
  readonly duration: number;
  /** RFC 31. */
  readonly constraint: JsonObject | undefined;
  /** Whole nodes. */
  readonly exclusive: boolean;
}

/** Deepest nesting of resources followed: far above any sensible jobspec, below the stack's depth. */
const maxDepth = 100;

interface Walk {
  nodes: CountRange | undefined;
  slots: CountRange | undefined;
  coresPerSlot: number | undefined;
  gpusPerSlot: number;
  exclusive: boolean;
  nodeFactor: number;
}

/**
 * Read what the scheduler needs from a jobspec (RFC 14, RFC 25), whatever its hierarchy: unknown
 * types only pass on what is below them. Throws EINVAL.
 */
export function parseRequest(jobspec: JsonObject): ResourceRequest {
  const { resources } = jobspec;
  if (!Array.isArray(resources) || resources.length === 0) fail("jobspec has no resources");
  const walked: Walk = {
    nodes: undefined,
    slots: undefined,
    coresPerSlot: undefined,
    gpusPerSlot: 0,
    exclusive: false,
    nodeFactor: 1,
  };
  walk(resources, walked, 1, 0);

  const { system } = isJsonObject(jobspec.attributes) ? jobspec.attributes : {};
  const attributes = isJsonObject(system) ? system : undefined;
  if (jobspec.version === 1) {
    if (!attributes) fail("getting duration: Object item not found: system");
    if (attributes.duration === undefined || attributes.duration === null) {
      fail("getting duration: Object item not found: duration");
    }
  }
  const { slots, coresPerSlot, gpusPerSlot, exclusive } = walked;
  if (!slots) fail("Unable to determine slot count");
  if (coresPerSlot === undefined) fail("Unable to determine slot size");
  const constraint = attributes?.constraints;
  return {
    ...placement(walked, slots),
    coresPerSlot,
    gpusPerSlot,
    exclusive,
    duration: durationOf(attributes?.duration),
    constraint: isJsonObject(constraint) && !isEmpty(constraint) ? constraint : undefined,
  };
}

/** An exclusive job that names no nodes gets a node for each slot. */
function placement(walked: Walk, slots: CountRange): Pick<ResourceRequest, "nodes" | "slots"> {
  if (walked.nodes) return { nodes: scaledCount(walked.nodes, walked.nodeFactor), slots };
  if (walked.exclusive) return { nodes: slots, slots: { min: 1, max: 1 } };
  return { nodes: undefined, slots };
}

function walk(resources: Json[], found: Walk, nodeFactor: number, depth: number): void {
  if (depth > maxDepth) fail(`jobspec resource nesting exceeds maximum depth ${maxDepth}`);
  for (const vertex of resources) {
    if (!isJsonObject(vertex)) fail("jobspec resource is not an object");
    const count = countOf(vertex.count);
    let below = nodeFactor;
    if (vertex.type === "node") {
      found.nodes = count;
      found.nodeFactor = nodeFactor;
    } else {
      below *= count.min;
      if (vertex.type === "slot") found.slots = count;
      else if (vertex.type === "core") found.coresPerSlot = count.min;
      else if (vertex.type === "gpu") found.gpusPerSlot = count.min;
    }
    if (vertex.exclusive === true && (vertex.type === "node" || vertex.type === "slot")) {
      found.exclusive = true;
    }
    if (Array.isArray(vertex.with)) walk(vertex.with, found, below, depth + 1);
  }
}

function countOf(value: Json | undefined): CountRange {
  const isCount = typeof value === "number" || typeof value === "string" || isJsonObject(value);
  const count = parseCount(isCount ? (value as ResourceCount) : 1);
  if (count.min < 1) fail(`RFC 14 count: integer count must be >= 1, got ${count.min}`);
  return count;
}

function durationOf(value: Json | undefined): number {
  if (value === undefined || value === null) return 0;
  if (typeof value !== "number") fail(`duration ${JSON.stringify(value)} is not a number`);
  return value;
}

function isEmpty(object: JsonObject): boolean {
  return Object.keys(object).length === 0;
}

function fail(text: string): never {
  throw new FluxError("EINVAL", text);
}
