import { Idset } from "../text/idset.ts";
import { readNumber, type SysFs } from "./sysfs.ts";

const cpuRoot = "/sys/devices/system/cpu";
const nodeRoot = "/sys/devices/system/node";

/** Something that covers a set of CPUs: package, die, cache, core. */
export interface CpuGroup {
  /** hwloc's name of the type. */
  readonly type: string;
  readonly osIndex: number | undefined;
  readonly cpus: Idset;
  readonly cache?: CacheInfo;
}

export interface CacheInfo {
  readonly sizeBytes: number;
  readonly level: number;
  readonly lineBytes: number;
  readonly ways: number;
  /** hwloc's cache_type: 0 unified, 1 data, 2 instruction. */
  readonly kind: 0 | 1 | 2;
}

export interface NumaNode {
  readonly osIndex: number;
  readonly cpus: Idset;
  readonly memoryBytes: number;
}

/** The CPUs that the kernel may use at all, and within the limits of this process's cgroup. */
export function usableCpus(fs: SysFs): Idset {
  const online = cpuList(fs.read(`${cpuRoot}/online`)) ?? numberedCpus(fs);
  const group = cgroupCpus(fs);
  return group && !group.intersect(online).isEmpty ? online.intersect(group) : online;
}

/** The CPUs that this process is bound to. */
export function boundCpus(fs: SysFs): Idset | undefined {
  const status = fs.read("/proc/self/status") ?? "";
  return cpuList(/^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1]);
}

function cgroupCpus(fs: SysFs): Idset | undefined {
  const path = /^0::(\/.*)$/m.exec(fs.read("/proc/self/cgroup") ?? "")?.[1];
  return path === undefined
    ? undefined
    : cpuList(fs.read(`/sys/fs/cgroup${path === "/" ? "" : path}/cpuset.cpus.effective`));
}

function numberedCpus(fs: SysFs): Idset {
  const numbers = fs.list(cpuRoot).flatMap((name) => /^cpu(\d+)$/.exec(name)?.[1] ?? []);
  return numbers.length > 0 ? Idset.from(numbers.map(Number)) : Idset.of(0);
}

function cpuList(text: string | undefined): Idset | undefined {
  if (text === undefined || text === "") return undefined;
  try {
    return Idset.parse(text);
  } catch {
    return undefined; // a kernel that writes lists in another way is treated as saying nothing
  }
}

/** Packages, dies, caches and cores of these CPUs; each once. */
export function cpuGroups(fs: SysFs, cpus: Idset): CpuGroup[] {
  const groups = new Map<string, CpuGroup>();
  const add = (group: CpuGroup): void => {
    const key = `${group.type} ${group.cpus.encode()}`;
    if (!groups.has(key)) groups.set(key, group);
  };
  for (const cpu of cpus) {
    const shared = (file: string): Idset =>
      (cpuList(fs.read(`${cpuRoot}/cpu${cpu}/${file}`)) ?? Idset.of(cpu)).intersect(cpus);
    const id = (file: string): number | undefined => {
      const number = readNumber(fs, `${cpuRoot}/cpu${cpu}/topology/${file}`);
      return number === undefined || number < 0 ? undefined : number;
    };
    const packageCpus = sharedBy(fs, cpu, ["package_cpus_list", "core_siblings_list"], cpus);
    add({ type: "Package", osIndex: id("physical_package_id") ?? 0, cpus: packageCpus });
    const die = shared("topology/die_cpus_list");
    if (fs.read(`${cpuRoot}/cpu${cpu}/topology/die_cpus_list`) && !die.equals(packageCpus)) {
      add({ type: "Die", osIndex: id("die_id"), cpus: die });
    }
    const core = sharedBy(fs, cpu, ["core_cpus_list", "thread_siblings_list"], cpus);
    add({ type: "Core", osIndex: id("core_id") ?? cpu, cpus: core });
    for (const cache of cachesOf(fs, cpu, shared)) add(cache);
  }
  return [...groups.values()];
}

function sharedBy(fs: SysFs, cpu: number, files: string[], cpus: Idset): Idset {
  for (const file of files) {
    const list = cpuList(fs.read(`${cpuRoot}/cpu${cpu}/topology/${file}`));
    if (list) return list.intersect(cpus);
  }
  return Idset.of(cpu);
}

function cachesOf(fs: SysFs, cpu: number, shared: (file: string) => Idset): CpuGroup[] {
  const found: CpuGroup[] = [];
  for (const index of fs.list(`${cpuRoot}/cpu${cpu}/cache`)) {
    if (!/^index\d+$/.test(index)) continue;
    const at = (file: string): string => `${cpuRoot}/cpu${cpu}/cache/${index}/${file}`;
    const level = readNumber(fs, at("level"));
    const sizeBytes = sizeOf(fs.read(at("size")));
    if (!level || level > 5 || !sizeBytes) continue;
    const type = fs.read(at("type"));
    const kind = type === "Instruction" ? 2 : type === "Data" ? 1 : 0;
    if (kind === 2 && level > 3) continue;
    found.push({
      type: `L${level}${kind === 2 ? "i" : ""}Cache`,
      osIndex: readNumber(fs, at("id")),
      cpus: shared(`cache/${index}/shared_cpu_list`),
      cache: {
        sizeBytes,
        level,
        lineBytes: readNumber(fs, at("coherency_line_size")) ?? 0,
        ways: readNumber(fs, at("ways_of_associativity")) ?? 0,
        kind,
      },
    });
  }
  return found;
}

function sizeOf(text: string | undefined): number {
  const match = /^(\d+)([KMG]?)$/.exec(text ?? "");
  const scale = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[match?.[2] ?? ""] ?? 1;
  return match ? Number(match[1]) * scale : 0;
}

/** NUMA nodes: those with some of these CPUs, and those with memory alone. */
export function numaNodes(fs: SysFs, cpus: Idset): NumaNode[] {
  const nodes: NumaNode[] = [];
  for (const name of fs.list(nodeRoot)) {
    const osIndex = Number(/^node(\d+)$/.exec(name)?.[1] ?? Number.NaN);
    if (Number.isNaN(osIndex)) continue;
    const all = cpuList(fs.read(`${nodeRoot}/${name}/cpulist`)) ?? new Idset();
    const here = all.intersect(cpus);
    if (here.isEmpty && !all.isEmpty) continue;
    const memory = /MemTotal:\s+(\d+) kB/.exec(fs.read(`${nodeRoot}/${name}/meminfo`) ?? "")?.[1];
    nodes.push({ osIndex, cpus: here, memoryBytes: Number(memory ?? 0) * 1024 });
  }
  if (nodes.length > 0) return nodes.sort((a, b) => a.osIndex - b.osIndex);
  const memory = /^MemTotal:\s+(\d+) kB/m.exec(fs.read("/proc/meminfo") ?? "")?.[1];
  return [{ osIndex: 0, cpus, memoryBytes: Number(memory ?? 0) * 1024 }];
}
