import { Idset } from "../text/idset.ts";
import { encodeCpuset, parseCpuset } from "./cpuset.ts";
import type { XmlElement } from "./xml.ts";

/** What Flux uses of a topology. */
export interface TopologyInventory {
  readonly hostname: string | undefined;
  /** Logical indices of the cores. */
  readonly cores: Idset;
  readonly gpus: Idset;
}

const gpuBackends = ["CUDA", "NVML", "OpenCL", "RSMI"];

/**
 * The cores and GPUs in a topology. A GPU that several libraries manage is one; parts of one device
 * that the same library lists separately are several, unless `keepDuplicates` says that all count.
 */
export function inventoryOf(topology: XmlElement, keepDuplicates = false): TopologyInventory {
  let hostname: string | undefined;
  let cores = 0;
  let gpus = 0;
  /** What a device was counted by first. */
  const counted = new Map<XmlElement, string>();
  const walk = (at: XmlElement, device: XmlElement | undefined): void => {
    const type = at.attributes.get("type");
    if (type === "Machine") hostname ??= infoOf(at, "HostName");
    if (type === "Core") cores++;
    const backend = type === "OSDev" ? infoOf(at, "Backend") : undefined;
    if (backend && gpuBackends.includes(backend)) {
      const first = (device && counted.get(device)) ?? backend;
      if (device) counted.set(device, first);
      if (keepDuplicates || first === backend) gpus++;
    }
    const inside = type === "PCIDev" ? at : device;
    for (const child of at.children) if (child.name === "object") walk(child, inside);
  };
  for (const child of topology.children) if (child.name === "object") walk(child, undefined);
  const upTo = (count: number): Idset => (count > 0 ? Idset.range(0, count - 1) : new Idset());
  return { hostname, cores: upTo(cores), gpus: upTo(gpus) };
}

function infoOf(object: XmlElement, name: string): string | undefined {
  const found = object.children.find(
    (child) => child.name === "info" && child.attributes.get("name") === name,
  );
  return found?.attributes.get("value");
}

const cpusetKeys = ["cpuset", "complete_cpuset", "allowed_cpuset", "online_cpuset"];

/**
 * A topology with these CPUs only: objects that have none of them go, unless they have memory, as
 * hwloc does it. Null if nothing would be left.
 */
export function restrictTopology(topology: XmlElement, cpus: Idset): XmlElement | null {
  const children: XmlElement[] = [];
  let removed = false;
  const restrict = (at: XmlElement): XmlElement | undefined => {
    const own = at.attributes.get("cpuset");
    const left = own === undefined ? undefined : parseCpuset(own).intersect(cpus);
    if (left?.isEmpty && !hasMemory(at)) {
      removed = true;
      return undefined;
    }
    const attributes = new Map(at.attributes);
    for (const key of cpusetKeys) {
      const text = attributes.get(key);
      if (text !== undefined) attributes.set(key, encodeCpuset(parseCpuset(text).intersect(cpus)));
    }
    const inside = at.children.flatMap((child) => restrict(child) ?? []);
    return { name: at.name, attributes, children: inside.sort(byPlace) };
  };
  for (const child of topology.children) {
    const kept = restrict(child);
    if (kept) children.push(kept);
  }
  if (!children.some(hasCpus)) return null;
  // Distances and memory attributes refer to objects that may be gone.
  const stale = ["distances2", "distances2hetero", "memattr"];
  const rest = removed ? children.filter(({ name }) => !stale.includes(name)) : children;
  return { ...topology, children: rest };
}

/** hwloc wants memory first, then what has CPUs, then what has none any more, then devices. */
function byPlace(a: XmlElement, b: XmlElement): number {
  return place(a) - place(b);
}

function place(at: XmlElement): number {
  if (at.name !== "object" || at.attributes.get("type") === "NUMANode") return 0;
  if (hasCpus(at)) return 1;
  return at.attributes.has("cpuset") ? 2 : 3;
}

function hasMemory(object: XmlElement): boolean {
  return object.attributes.get("type") === "NUMANode" || object.children.some(hasMemory);
}

function hasCpus({ attributes }: XmlElement): boolean {
  return !parseCpuset(attributes.get("cpuset") ?? "").isEmpty;
}
