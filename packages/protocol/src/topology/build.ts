import { Idset } from "../text/idset.ts";
import { type CpuGroup, cpuGroups, type NumaNode, numaNodes } from "./cpus.ts";
import { encodeCpuset } from "./cpuset.ts";
import { findGpus, type Gpu } from "./gpus.ts";
import type { SysFs } from "./sysfs.ts";
import { element, type XmlElement } from "./xml.ts";

/** What uname(2) says of this machine. */
export interface HostInfo {
  readonly hostname: string;
  readonly osName: string;
  readonly osRelease: string;
  readonly osVersion: string;
  readonly architecture: string;
}

/** A level of the machine, with what is inside it. */
interface Level {
  readonly group: CpuGroup;
  readonly inside: Level[];
  readonly memory: NumaNode[];
  readonly gpus: Gpu[];
}

// hwloc's order of types that cover the same CPUs, outermost first.
const order = ["Machine", "Package", "Die", "Group"]
  .concat([5, 4, 3, 2, 1].flatMap((level) => [`L${level}Cache`, `L${level}iCache`]))
  .concat("Core", "PU");

/**
 * The topology of this machine with these CPUs, as hwloc 2 writes it in XML: what its tools, job
 * shells and flux-core read.
 */
export function buildTopology(fs: SysFs, host: HostInfo, cpus: Idset): XmlElement {
  const memory = numaNodes(fs, cpus);
  const machine = arrange(cpuGroups(fs, cpus), cpus);
  for (const node of memory) placeMemory(machine, node);
  for (const gpu of findGpus(fs)) nearest(machine, localCpus(gpu, cpus)).gpus.push(gpu);

  const writer = new Writer(fs.read("/proc/cpuinfo") ?? "", host);
  const root = writer.level(machine, new Idset());
  return element("topology", { version: "2.0" }, [root, ...supported.map(supportOf)]);
}

const supported = ["discovery.pu", "discovery.numa", "discovery.numa_memory"];

function supportOf(name: string): XmlElement {
  return element("support", { name });
}

/** Nest groups of CPUs: each goes into the smallest that covers it. */
function arrange(groups: CpuGroup[], cpus: Idset): Level {
  const processors = [...cpus].map((cpu) => ({
    type: "PU",
    osIndex: cpu,
    cpus: Idset.of(cpu),
  }));
  const sorted = [...groups, ...processors].sort(
    (a, b) =>
      b.cpus.size - a.cpus.size ||
      order.indexOf(a.type) - order.indexOf(b.type) ||
      (a.cpus.first() ?? 0) - (b.cpus.first() ?? 0),
  );
  const machine = levelOf({ type: "Machine", osIndex: 0, cpus });
  for (const group of sorted) insert(machine, levelOf(group));
  return machine;
}

function levelOf(group: CpuGroup): Level {
  return { group, inside: [], memory: [], gpus: [] };
}

/** Put a level where it belongs; one that cuts across another is left out. */
function insert(top: Level, level: Level): void {
  let parent = top;
  for (;;) {
    const next = parent.inside.find(({ group }) => group.cpus.includes(level.group.cpus));
    if (!next) break;
    parent = next;
  }
  const cuts = parent.inside.some(({ group }) => !group.cpus.intersect(level.group.cpus).isEmpty);
  if (!cuts) parent.inside.push(level);
}

/**
 * Memory belongs to the outermost level with its CPUs, the machine excepted; else to a group made for
 * it; or, where that would cut across other levels, to the innermost that has all its CPUs.
 */
function placeMemory(machine: Level, node: NumaNode): void {
  if (node.cpus.isEmpty) {
    machine.memory.push(node);
    return;
  }
  let at = machine;
  while (!at.group.cpus.equals(node.cpus) || at === machine) {
    const next = at.inside.find(({ group }) => group.cpus.includes(node.cpus));
    if (!next) break;
    at = next;
  }
  const touched = at.inside.filter(({ group }) => !group.cpus.intersect(node.cpus).isEmpty);
  const isCut = touched.some(({ group }) => !node.cpus.includes(group.cpus));
  if (isCut || at.group.cpus.equals(node.cpus)) {
    at.memory.push(node);
    return;
  }
  const group = levelOf({ type: "Group", osIndex: undefined, cpus: node.cpus });
  group.inside.push(...touched);
  group.memory.push(node);
  const others = at.inside.filter((level) => !touched.includes(level));
  at.inside.splice(0, at.inside.length, ...others, group);
}

function localCpus(gpu: Gpu, all: Idset): Idset {
  try {
    return Idset.parse(gpu.localCpus ?? "").intersect(all);
  } catch {
    return all;
  }
}

/** The innermost level that has all these CPUs and is more than a core. */
function nearest(top: Level, cpus: Idset): Level {
  let at = top;
  for (;;) {
    const next = at.inside.find(
      ({ group }) => !cpus.isEmpty && order.indexOf(group.type) <= 3 && group.cpus.includes(cpus),
    );
    if (!next) return at;
    at = next;
  }
}

/** Turns levels into hwloc's objects, each with a number of its own. */
class Writer {
  readonly #cpuinfo: string;
  readonly #host: HostInfo;
  #objects = 0;

  constructor(cpuinfo: string, host: HostInfo) {
    this.#cpuinfo = cpuinfo;
    this.#host = host;
  }

  /** `outside`: memory of the levels around this one, which is local to what is inside too. */
  level({ group, inside, memory, gpus }: Level, outside: Idset): XmlElement {
    const { type, osIndex, cpus, cache } = group;
    const near = outside.union(Idset.from(memory.map((node) => node.osIndex)));
    const nodes = inside.reduce((all, level) => all.union(memoryInside(level)), near);
    const object = element("object", { type, os_index: osIndex, ...this.#sets(cpus, nodes, type) });
    if (type === "Group") object.attributes.set("kind", "1000").set("subkind", "0");
    if (cache) {
      object.attributes
        .set("cache_size", `${cache.sizeBytes}`)
        .set("depth", `${cache.level}`)
        .set("cache_linesize", `${cache.lineBytes}`)
        .set("cache_associativity", `${cache.ways}`)
        .set("cache_type", `${cache.kind}`);
    }
    if (type === "Machine") object.children.push(...machineInfo(this.#host));
    if (type === "Package") object.children.push(...packageInfo(this.#cpuinfo));
    for (const node of memory) object.children.push(this.#memoryNode(node, cpus));
    for (const level of inside.sort(byFirstCpu)) object.children.push(this.level(level, near));
    object.children.push(...this.#bridges(gpus));
    return object;
  }

  #sets(cpus: Idset, nodes: Idset, type: string): Record<string, string | number> {
    const cpuset = encodeCpuset(cpus);
    const nodeset = encodeCpuset(nodes);
    const isMachine = type === "Machine";
    return {
      cpuset,
      complete_cpuset: cpuset,
      ...(isMachine && { allowed_cpuset: cpuset }),
      nodeset,
      complete_nodeset: nodeset,
      ...(isMachine && { allowed_nodeset: nodeset }),
      gp_index: ++this.#objects,
    };
  }

  #memoryNode({ osIndex, memoryBytes }: NumaNode, cpus: Idset): XmlElement {
    return element("object", {
      type: "NUMANode",
      os_index: osIndex,
      ...this.#sets(cpus, Idset.of(osIndex), "NUMANode"),
      local_memory: memoryBytes,
    });
  }

  /** GPUs below the bridges of their PCI domains. */
  #bridges(gpus: readonly Gpu[]): XmlElement[] {
    const bridges = new Map<string, XmlElement>();
    const devices = new Map<string, XmlElement>();
    for (const { busid, backend, name, pciType } of gpus) {
      const domain = busid.slice(0, busid.indexOf(":"));
      const bridge = bridges.get(domain) ?? this.#bridge(domain);
      bridges.set(domain, bridge);
      let device = devices.get(busid);
      if (!device) {
        device = this.#pciDevice(busid, pciType);
        devices.set(busid, device);
        bridge.children.push(device);
      }
      device.children.push(this.#gpu(name, backend));
    }
    return [...bridges.values()];
  }

  #bridge(domain: string): XmlElement {
    return element("object", {
      type: "Bridge",
      gp_index: ++this.#objects,
      bridge_type: "0-1",
      depth: 0,
      bridge_pci: `${domain}:[00-ff]`,
    });
  }

  #pciDevice(busid: string, pciType: string): XmlElement {
    return element("object", {
      type: "PCIDev",
      gp_index: ++this.#objects,
      pci_busid: busid,
      pci_type: pciType,
      pci_link_speed: "0.000000",
    });
  }

  #gpu(name: string, backend: string): XmlElement {
    // hwloc's osdev_type: 1 is a GPU, 5 a coprocessor, which OpenCL devices are to it.
    const kind = backend === "OpenCL" ? 5 : 1;
    return element(
      "object",
      { type: "OSDev", gp_index: ++this.#objects, subtype: backend, name, osdev_type: kind },
      [info("Backend", backend)],
    );
  }
}

function memoryInside({ inside, memory }: Level): Idset {
  const own = Idset.from(memory.map(({ osIndex }) => osIndex));
  return inside.reduce((all, level) => all.union(memoryInside(level)), own);
}

function byFirstCpu(a: Level, b: Level): number {
  return (a.group.cpus.first() ?? 0) - (b.group.cpus.first() ?? 0);
}

function info(name: string, value: string): XmlElement {
  return element("info", { name, value });
}

function machineInfo(host: HostInfo): XmlElement[] {
  return [
    info("Backend", "Linux"),
    info("OSName", host.osName),
    info("OSRelease", host.osRelease),
    info("OSVersion", host.osVersion),
    info("HostName", host.hostname),
    info("Architecture", host.architecture),
  ];
}

const cpuInfos = [
  ["CPUVendor", "vendor_id"],
  ["CPUFamilyNumber", "cpu family"],
  ["CPUModelNumber", "model"],
  ["CPUModel", "model name"],
  ["CPUStepping", "stepping"],
] as const;

function packageInfo(cpuinfo: string): XmlElement[] {
  return cpuInfos.flatMap(([name, key]) => {
    const value = new RegExp(`^${key}\\s*:\\s*(.*)$`, "m").exec(cpuinfo)?.[1];
    return value ? [info(name, value)] : [];
  });
}
