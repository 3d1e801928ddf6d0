import { FluxError } from "../rpc/error.ts";
import type { ResourceVertex, TaskCountSpec } from "./jobspec.ts";

/**
 * The size options of submission commands and the resources they stand for. Undefined and 0
 * differ: some options say something by being given at all.
 */
export interface SizeOptions {
  readonly ntasks?: number | undefined;
  readonly nodes?: number | undefined;
  readonly coresPerTask?: number | undefined;
  readonly gpusPerTask?: number | undefined;
  /** Whole nodes; needs `nodes`. */
  readonly exclusive?: boolean | undefined;
  /** Cores in total. This and those below ask by resource and exclude those by task. */
  readonly cores?: number | undefined;
  readonly tasksPerNode?: number | undefined;
  readonly tasksPerCore?: number | undefined;
  readonly gpusPerNode?: number | undefined;
}

export interface JobSize {
  readonly resources: ResourceVertex[];
  readonly taskCount: TaskCountSpec;
  /** Value of the job shell's `per-resource` option, if tasks are counted by resource. */
  readonly perResource?: { type: "node" | "core"; count: number };
}

/** The label of the one slot that size options make. */
export const slotLabel = "task";

const refuse = (text: string): FluxError => new FluxError("EINVAL", text);

/**
 * The integer in the value of a size option. EINVAL naming the option; undefined and empty text
 * are no value.
 */
export function parseSize(option: string, text: string | undefined): number | undefined {
  if (!text) return undefined;
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw refuse(`--${option}: invalid int value '${text}'`);
  return Number(text);
}

/** Resources and task count for size options as users combine them. EINVAL if they cannot be. */
export function jobSizeOf(options: SizeOptions): JobSize {
  const { nodes, cores, gpusPerNode, gpusPerTask, exclusive = false } = options;
  const perResource = perResourceOf(options);
  if (gpusPerNode && !nodes) throw refuse("--gpus-per-node requires --nodes");
  if (perResource || gpusPerNode !== undefined || cores !== undefined) {
    if (options.ntasks !== undefined || options.coresPerTask !== undefined || gpusPerTask) {
      throw refuse(
        "Per-resource options can't be used with per-task options. (See --help for details)",
      );
    }
    // Nodes alone are asked for as whole nodes.
    const whole = exclusive || Boolean(nodes && cores === undefined);
    return sizeByResource({ cores, nodes, gpusPerNode, exclusive: whole, perResource });
  }
  const isNodesOnly = !options.ntasks && Boolean(nodes);
  return sizeByTask({
    ntasks: (isNodesOnly ? nodes : options.ntasks) || 1,
    coresPerTask: options.coresPerTask || 1,
    gpusPerTask,
    nodes,
    exclusive: exclusive || isNodesOnly,
  });
}

function perResourceOf({ tasksPerNode, tasksPerCore }: SizeOptions): JobSize["perResource"] {
  if (tasksPerNode !== undefined && tasksPerCore !== undefined) {
    throw refuse("Do not specify both the number of tasks per node and per core");
  }
  if (tasksPerNode !== undefined) {
    if (tasksPerNode < 1) throw refuse("--tasks-per-node must be >= 1");
    return { type: "node", count: tasksPerNode };
  }
  if (tasksPerCore === undefined) return undefined;
  if (tasksPerCore < 1) throw refuse("--tasks-per-core must be >= 1");
  return { type: "core", count: tasksPerCore };
}

interface TaskSize {
  readonly ntasks: number;
  readonly coresPerTask?: number | undefined;
  readonly gpusPerTask?: number | undefined;
  readonly nodes?: number | undefined;
  readonly exclusive?: boolean | undefined;
}

const isBelow = (value: number | undefined, least: number): boolean =>
  value !== undefined && (!Number.isInteger(value) || value < least);

/** A slot per task, spread evenly over nodes if their number is given. */
export function sizeByTask(size: TaskSize): JobSize {
  const { ntasks, coresPerTask = 1, gpusPerTask, nodes, exclusive = false } = size;
  if (isBelow(ntasks, 1)) throw refuse("task count must be a integer >= 1");
  if (isBelow(coresPerTask, 1)) throw refuse("cores per task must be an integer >= 1");
  if (isBelow(gpusPerTask, 0)) throw refuse("gpus per task must be an integer >= 0");
  if (isBelow(nodes, 1)) throw refuse("node count must be an integer >= 1 (if set)");
  if (nodes === undefined) {
    if (exclusive) throw refuse("exclusive can only be set with a node count");
    return {
      resources: [slotOf(ntasks, coresPerTask, gpusPerTask)],
      taskCount: { per_slot: 1 },
    };
  }
  if (nodes > ntasks) throw refuse("node count must not be greater than task count");
  const slot = slotOf(Math.ceil(ntasks / nodes), coresPerTask, gpusPerTask);
  return {
    resources: [nodeOf(nodes, slot, exclusive)],
    // Slots that an uneven spread leaves over stay empty.
    taskCount: ntasks % nodes ? { total: ntasks } : { per_slot: 1 },
  };
}

interface ResourceSize {
  readonly cores: number | undefined;
  readonly nodes: number | undefined;
  readonly gpusPerNode: number | undefined;
  readonly exclusive: boolean;
  readonly perResource: JobSize["perResource"];
}

function sizeByResource(size: ResourceSize): JobSize {
  const { cores, nodes, gpusPerNode, exclusive, perResource } = size;
  if (isBelow(cores, 1)) throw refuse("ncores must be an integer >= 1");
  if (isBelow(gpusPerNode, 0)) throw refuse("gpus_per_node must be an integer >= 0");
  if (gpusPerNode !== undefined && !nodes) {
    throw refuse("gpus_per_node must be specified with nnodes");
  }
  if (isBelow(nodes, 1)) throw refuse("nnodes must be an integer >= 1");
  if (nodes === undefined && exclusive) {
    throw refuse("exclusive can only be set with a node count");
  }
  const rest = { taskCount: { per_slot: 1 }, ...(perResource && { perResource }) };
  if (nodes === undefined) {
    if (cores === undefined) throw refuse("must specify node or core count with per_resource");
    return { resources: [slotOf(cores, 1, gpusPerNode)], ...rest };
  }
  if (cores !== undefined && cores < nodes) {
    throw refuse("number of cores cannot be less than nnodes");
  }
  if (cores !== undefined && cores % nodes) {
    throw refuse("number of cores must be evenly divisible by node count");
  }
  const slot = slotOf(1, cores === undefined ? 1 : cores / nodes, gpusPerNode);
  return { resources: [nodeOf(nodes, slot, exclusive)], ...rest };
}

function slotOf(count: number, cores: number, gpus: number | undefined): ResourceVertex {
  const below: ResourceVertex[] = [{ type: "core", count: cores }];
  if (gpus) below.push({ type: "gpu", count: gpus });
  return { type: "slot", count, with: below, label: slotLabel };
}

function nodeOf(count: number, slot: ResourceVertex, exclusive: boolean): ResourceVertex {
  return { type: "node", count, ...(exclusive && { exclusive }), with: [slot] };
}
