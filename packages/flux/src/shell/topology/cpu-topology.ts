import { Idset } from "@flux-ts/protocol/text/idset";
import { parseCpus } from "./cpu-list.ts";

/** CPUs of each core of a node, by the core's number in R: cores are counted as hwloc does. */
export type CpuTopology = readonly Idset[];

/** The cores in a topology in hwloc's XML form. */
export function topologyOf(xml: string): CpuTopology {
  const cores: Idset[] = [];
  for (const [tag] of xml.matchAll(/<object [^>]*type="Core"[^>]*>/g)) {
    const cpuset = /\bcpuset="([^"]*)"/.exec(tag)?.[1];
    if (cpuset !== undefined) cores.push(parseCpus(cpuset));
  }
  return cores;
}

/** The CPUs of some cores; undefined if the node has not all of them. */
export function cpusOf(topology: CpuTopology, cores: Idset): Idset | undefined {
  let cpus = new Idset();
  for (const core of cores) {
    const own = topology[core];
    if (!own) return undefined;
    cpus = cpus.union(own);
  }
  return cpus;
}

/**
 * A set of CPUs for each task: whole cores, as evenly as their CPUs allow. Tasks share a core if
 * there are more of them than cores; cores that are left over go to the task before.
 */
export function distributeCpus(cores: readonly Idset[], ntasks: number): Idset[] {
  const total = cores.reduce((sum, cpus) => sum + cpus.size, 0);
  const before = (weight: number): number => Math.ceil((weight * ntasks) / total);
  const sets: Idset[] = [];
  let weight = 0;
  for (const cpus of cores) {
    const count = before(weight + cpus.size) - before(weight);
    weight += cpus.size;
    for (let i = 0; i < count; i++) sets.push(cpus);
    if (count === 0) sets.push(sets.pop()!.union(cpus));
  }
  return sets;
}
