import { FluxError } from "../rpc/error.ts";
import { isJsonObject, type JsonObject } from "../schema/json.ts";
import type { Jobspec, ResourceVertex, TaskSpec } from "./jobspec.ts";
import { type CountRange, parseCount, scaledCount } from "./resource-count.ts";

/**
 * What a jobspec comes down to for a scheduler, a job listing and the job shell: nodes, slots,
 * the size of a slot, tasks. Resource types that Flux does not know are passed over; what is
 * below them counts.
 */
export interface JobShape {
  /** Nodes in total, or undefined if slots may lie anywhere. */
  readonly nodeCount: CountRange | undefined;
  /** Slots on each node; in total if there is no node count. */
  readonly slotCount: CountRange;
  /** The least number of nodes; 0 if slots may lie anywhere. */
  readonly nnodes: number;
  /** The least number of slots in total. */
  readonly nslots: number;
  readonly coresPerSlot: number;
  readonly gpusPerSlot: number;
  /** Whole nodes, whatever else is on them. */
  readonly exclusive: boolean;
  /** Seconds; 0 is no limit. */
  readonly duration: number;
  readonly taskCount: TaskCount;
  /** Tasks, or undefined where only the allocated resources will tell. */
  readonly ntasks: number | undefined;
  /** Cores, or undefined where only the allocated resources will tell. */
  readonly ncores: number | undefined;
}

/** How many tasks there are for each slot, node or core, or in the whole job. */
export interface TaskCount {
  readonly per: "job" | "slot" | "node" | "core";
  readonly count: number;
}

/** Nesting that no machine needs. */
const maxDepth = 100;

const refuse = (text: string): FluxError => new FluxError("EINVAL", text);

interface Found {
  nodes: CountRange | undefined;
  slots: CountRange | undefined;
  cores: number | undefined;
  gpus: number;
  exclusive: boolean;
}

/** The shape of a jobspec that validateJobspec accepted. EINVAL if it has none. */
export function jobShapeOf(jobspec: Jobspec): JobShape {
  const found: Found = {
    nodes: undefined,
    slots: undefined,
    cores: undefined,
    gpus: 0,
    exclusive: false,
  };
  if (jobspec.resources.length === 0) throw refuse("jobspec has no resources");
  collect(jobspec.resources, 1, 0, found);
  const duration = durationOf(jobspec);
  if (!found.slots) throw refuse("Unable to determine slot count");
  if (!found.cores) throw refuse("Unable to determine slot size");
  // Exclusive slots without a node above them: each is a whole node.
  const isNodeless = found.exclusive && !found.nodes;
  const nodeCount = isNodeless ? found.slots : found.nodes;
  const slotCount = isNodeless ? { min: 1, max: 1 } : found.slots;
  const nslots = slotCount.min * (nodeCount?.min ?? 1);
  const sizes = { nnodes: nodeCount?.min ?? 0, nslots, coresPerSlot: found.cores };
  const taskCount = taskCountOf(jobspec);
  return {
    ...sizes,
    nodeCount,
    slotCount,
    gpusPerSlot: found.gpus,
    exclusive: found.exclusive,
    duration,
    taskCount,
    ntasks: knownTasks(taskCount, sizes),
    ncores: nodeCount && found.exclusive ? undefined : nslots * found.cores,
  };
}

/**
 * `factor` is how often the vertices occur below those above the node, or the slot if there is
 * none.
 */
function collect(vertices: ResourceVertex[], factor: number, depth: number, found: Found): void {
  if (depth > maxDepth) throw refuse("resources are nested too deeply");
  for (const { type, count, exclusive, with: below = [] } of vertices) {
    const range = parseCount(count);
    if (exclusive && (type === "node" || type === "slot")) found.exclusive = true;
    if (type === "node") {
      found.nodes = scaledCount(range, factor);
      collect(below, factor, depth + 1, found);
      continue;
    }
    if (type === "slot") found.slots = range;
    else if (type === "core") found.cores = range.min;
    else if (type === "gpu") found.gpus = range.min;
    collect(below, factor * range.min, depth + 1, found);
  }
}

function durationOf({ version, attributes }: Jobspec): number {
  const system: JsonObject | undefined = attributes.system;
  const duration = system?.duration;
  if (version === 1 && duration === undefined) {
    const missing = system === undefined ? "system" : "duration";
    throw refuse(`getting duration: Object item not found: ${missing}`);
  }
  return typeof duration === "number" ? duration : 0;
}

/** How many tasks per what: as in the tasks section, unless the job shell is told otherwise. */
export function taskCountOf({ tasks, attributes }: Jobspec): TaskCount {
  const option = attributes.system?.shell?.options?.["per-resource"];
  if (isJsonObject(option)) {
    const { type, count = 1 } = option;
    if (typeof count !== "number" || !(count > 0)) throw refuse("per-resource.count must be > 0");
    if (type === "node" || type === "core") return { per: type, count };
    if (typeof type !== "string") throw refuse("invalid per-resource section: type is missing");
  }
  const count: TaskSpec["count"] = tasks[0]?.count ?? {};
  if (count.total !== undefined) return { per: "job", count: count.total };
  return { per: "slot", count: count.per_slot ?? 1 };
}

/** The number of tasks that run on allocated resources. */
export function ntasksOn(
  { per, count }: TaskCount,
  allocated: { nslots: number; nnodes: number; ncores: number },
): number {
  if (per === "job") return count;
  const numbers = { slot: allocated.nslots, node: allocated.nnodes, core: allocated.ncores };
  return numbers[per] * count;
}

/**
 * The number of tasks before anything is allocated: cores of whole nodes, say, are not known
 * then.
 */
function knownTasks(
  taskCount: TaskCount,
  { nnodes, nslots, coresPerSlot }: { nnodes: number; nslots: number; coresPerSlot: number },
): number | undefined {
  const { per } = taskCount;
  if ((per === "node" && nnodes === 0) || (per === "core" && nnodes > 0)) return undefined;
  return ntasksOn(taskCount, { nslots, nnodes, ncores: nslots * coresPerSlot });
}
