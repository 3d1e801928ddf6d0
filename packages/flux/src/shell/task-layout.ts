import { jobShapeOf, taskCountOf } from "@flux-ts/protocol/job/job-shape";
import type { Jobspec } from "@flux-ts/protocol/job/jobspec";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";
import { Taskmap } from "@flux-ts/protocol/text/taskmap";

/** What a job has of one broker, and how many of its tasks run there. */
export interface ShellNode {
  /** Broker rank. */
  readonly rank: number;
  readonly host: string;
  readonly cores: Idset;
  readonly gpus: Idset;
  readonly ntasks: number;
}

/** Slots of a job, as the resources it got tell. Node numbers are -1 if it asked for none. */
export interface SlotCounts {
  readonly nslots: number;
  readonly coresPerSlot: number;
  readonly gpusPerSlot: number;
  readonly nnodes: number;
  readonly slotsPerNode: number;
}

/** Where the tasks of a job run. */
export interface TaskLayout {
  /** By shell rank: in order of broker rank. */
  readonly nodes: readonly ShellNode[];
  readonly taskmap: Taskmap;
  readonly slots: SlotCounts;
  /** What a node has but no task uses, said for people; by shell rank. */
  readonly adjustments: readonly (readonly string[])[];
}

type Share = Omit<ShellNode, "ntasks">;

/**
 * How the tasks of a job are spread over its resources. EPROTO or EINVAL if that cannot be told.
 */
export function taskLayoutOf(jobspec: Jobspec, R: JsonObject): TaskLayout {
  const { shares, nslots } = sharesOf(R);
  const slots = slotsOf(jobspec, shares, nslots);
  const taskCount = taskCountOf(jobspec);
  const counts =
    taskCount.per === "node"
      ? shares.map(() => taskCount.count)
      : taskCount.per === "core"
        ? shares.map(({ cores }) => cores.size * taskCount.count)
        : distribute(
            shares.map(({ cores }) => cores.size),
            taskCount.per === "job" ? taskCount.count : slots.nslots * taskCount.count,
            slots.coresPerSlot,
          );
  const nodes = shares.map((share, index) => ({ ...share, ntasks: counts[index] ?? 0 }));
  const taskmap = new Taskmap();
  nodes.forEach(({ ntasks }, index) => {
    if (ntasks > 0) taskmap.append(index, 1, ntasks);
  });
  const used = withoutExtraSlots(jobspec, nodes, slots, taskmap.taskCount);
  const adjustments = used === nodes ? [] : used.map((node, i) => adjustmentsOf(nodes[i]!, node));
  return { nodes: used, taskmap, slots, adjustments };
}

/**
 * Tasks for each node, given its cores: node with most cores first, one task each round while it
 * has cores for one. When no node has, all are taken as free again: more tasks than cores are
 * allowed.
 */
export function distribute(
  cores: readonly number[],
  ntasks: number,
  coresPerTask: number,
): number[] {
  const total = cores.reduce((sum, count) => sum + count, 0);
  const wanted = coresPerTask > 0 ? coresPerTask : Math.floor(total / ntasks);
  if (wanted === 0) throw new FluxError("EINVAL", `${ntasks} tasks do not fit on ${total} cores`);
  // On the smallest node a task must at least be possible.
  const size = Math.min(wanted, ...cores);
  const counts = cores.map(() => 0);
  const order = cores.map((_count, index) => index).sort((a, b) => cores[b]! - cores[a]!);
  for (let assigned = 0; assigned < ntasks; ) {
    if (size === 0) throw new FluxError("EINVAL", "a node of the job has no cores");
    const free = [...cores];
    for (let round = order; round.length > 0 && assigned < ntasks; ) {
      round = round.filter((node) => {
        if (free[node]! < size || assigned === ntasks) return false;
        free[node]! -= size;
        counts[node]!++;
        assigned++;
        return true;
      });
    }
  }
  return counts;
}

/** The nodes of R (RFC 20) in order of rank. */
function sharesOf(R: JsonObject): { shares: Share[]; nslots: number } {
  const { execution } = R;
  if (!isJsonObject(execution)) throw new FluxError("EPROTO", "R has no execution section");
  const shares: Omit<Share, "host">[] = [];
  for (const entry of arrayOf(execution.R_lite)) {
    if (!isJsonObject(entry) || !isJsonObject(entry.children)) {
      throw new FluxError("EPROTO", "R_lite entry has no rank and children");
    }
    const { core, gpu } = entry.children;
    for (const rank of Idset.parse(String(entry.rank))) {
      shares.push({ rank, cores: idsOf(core), gpus: idsOf(gpu) });
    }
  }
  shares.sort((a, b) => a.rank - b.rank);
  const hosts = arrayOf(execution.nodelist).flatMap((list) => hostsOf(String(list)));
  const { nslots } = execution;
  return {
    shares: shares.map((share, index) => ({ ...share, host: hosts[index] ?? `rank${share.rank}` })),
    nslots: typeof nslots === "number" ? nslots : 0,
  };
}

function slotsOf(jobspec: Jobspec, shares: readonly Share[], nslotsOfR: number): SlotCounts {
  const ncores = shares.reduce((sum, { cores }) => sum + cores.size, 0);
  const ngpus = shares.reduce((sum, { gpus }) => sum + gpus.size, 0);
  let nslots = nslotsOfR;
  let hasNodes = jobspec.resources[0]?.type === "node";
  if (nslots <= 0) {
    const { nodeCount, slotCount } = jobShapeOf(jobspec);
    hasNodes = nodeCount !== undefined;
    nslots = slotCount.min * (hasNodes ? shares.length : 1);
  }
  return {
    nslots,
    coresPerSlot: Math.floor(ncores / nslots),
    gpusPerSlot: Math.floor(ngpus / nslots),
    nnodes: hasNodes ? shares.length : -1,
    slotsPerNode: hasNodes ? Math.floor(nslots / shares.length) : -1,
  };
}

/**
 * Version 1 jobspecs can only ask for the same number of slots on each node, so a job with uneven
 * tasks gets slots that it has no task for: those are left unused, and all tasks have equal shares.
 */
function withoutExtraSlots(
  { version, resources, attributes }: Jobspec,
  nodes: ShellNode[],
  { nslots, nnodes, coresPerSlot, gpusPerSlot }: SlotCounts,
  ntasks: number,
): ShellNode[] {
  const isUneven = version === 1 && nnodes > 1 && nslots > ntasks;
  const isExplicit = attributes.system?.shell?.options?.["per-resource"] !== undefined;
  if (!isUneven || isExplicit || resources[0]?.exclusive === true) return nodes;
  return nodes.map((node) => ({
    ...node,
    cores: firstOf(node.cores, node.ntasks * coresPerSlot),
    gpus: firstOf(node.gpus, node.ntasks * gpusPerSlot),
  }));
}

function adjustmentsOf(before: ShellNode, after: ShellNode): string[] {
  return (["cores", "gpus"] as const).flatMap((type) => {
    if (before[type].size === after[type].size) return [];
    return [`adjusted ${type} from ${before[type].encode()} to ${after[type].encode()}`];
  });
}

function firstOf(ids: Idset, count: number): Idset {
  return ids.size <= count ? ids : Idset.from([...ids].slice(0, count));
}

/** Most nodes are in R alone: a name, not a list. */
function hostsOf(list: string): string[] {
  return /^[\w.-]+$/.test(list) ? [list] : [...Hostlist.parse(list)];
}

function idsOf(text: Json | undefined): Idset {
  return typeof text === "string" ? Idset.parse(text) : new Idset();
}

function arrayOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}
