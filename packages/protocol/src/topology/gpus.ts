import { readNumber, type SysFs } from "./sysfs.ts";

/** A GPU that jobs can compute on. */
export interface Gpu {
  /** PCI address, such as `0000:3b:00.0`. */
  readonly busid: string;
  /** hwloc's name of what manages it. */
  readonly backend: "NVML" | "RSMI" | "OpenCL";
  readonly name: string;
  /** PCI class, ids and revision as hwloc writes them. */
  readonly pciType: string;
  /** CPUs near it, as the kernel lists them. */
  readonly localCpus: string | undefined;
}

const pciRoot = "/sys/bus/pci/devices";
const vendors = { nvidia: 0x10de, amd: 0x1002, intel: 0x8086 } as const;
/** PCI base classes of display controllers and of processing accelerators. */
const gpuClasses = [0x03, 0x12];

/**
 * The GPUs of this machine in the order of their PCI addresses. A device counts only if its compute
 * driver runs it and this process may open it: display adapters of servers are no resources.
 */
export function findGpus(fs: SysFs): Gpu[] {
  const gpus: Gpu[] = [];
  const counts = new Map<string, number>();
  for (const busid of fs.list(pciRoot).sort()) {
    const { backend, count } = computeUnits(fs, busid);
    for (let i = 0; i < count; i++) {
      const index = counts.get(backend) ?? 0;
      counts.set(backend, index + 1);
      gpus.push({
        busid,
        backend,
        name: backend === "OpenCL" ? `opencl0d${index}` : `${backend.toLowerCase()}${index}`,
        pciType: pciTypeOf(fs, busid),
        localCpus: fs.read(`${pciRoot}/${busid}/local_cpulist`) || undefined,
      });
    }
  }
  return gpus;
}

/** How many GPUs a PCI device is: AMD's can be partitioned. */
function computeUnits(fs: SysFs, busid: string): { backend: Gpu["backend"]; count: number } {
  const device = `${pciRoot}/${busid}`;
  const none = { backend: "NVML", count: 0 } as const;
  const pciClass = readNumber(fs, `${device}/class`) ?? 0;
  if (!gpuClasses.includes(pciClass >>> 16)) return none;
  const driver = fs.link(`${device}/driver`);
  switch (readNumber(fs, `${device}/vendor`)) {
    case vendors.nvidia:
      return { backend: "NVML", count: driver === "nvidia" && isNvidiaOpen(fs, busid) ? 1 : 0 };
    case vendors.amd:
      return { backend: "RSMI", count: driver === "amdgpu" ? kfdUnits(fs, busid) : 0 };
    case vendors.intel: {
      // Display controllers that drive no screen are Intel's data center GPUs.
      const isCompute = pciClass >>> 8 === 0x0380 && (driver === "i915" || driver === "xe");
      return { backend: "OpenCL", count: isCompute && hasRenderNode(fs, device) ? 1 : 0 };
    }
    default:
      return none;
  }
}

function isNvidiaOpen(fs: SysFs, busid: string): boolean {
  const about = fs.read(`/proc/driver/nvidia/gpus/${busid}/information`) ?? "";
  const minor = /^Device Minor:\s*(\d+)/m.exec(about)?.[1];
  return minor !== undefined && fs.isDevice(`/dev/nvidia${minor}`);
}

/** Nodes of AMD's compute driver at a PCI address that this process may use. */
function kfdUnits(fs: SysFs, busid: string): number {
  if (!fs.isDevice("/dev/kfd")) return 0;
  const root = "/sys/class/kfd/kfd/topology/nodes";
  return fs.list(root).filter((node) => {
    const properties = fs.read(`${root}/${node}/properties`) ?? "";
    const value = (key: string): number =>
      Number(new RegExp(`^${key} (\\d+)$`, "m").exec(properties)?.[1] ?? 0);
    if (value("simd_count") === 0) return false;
    // Partitions have function numbers of their own; the device is the same.
    return (
      kfdAddress(value("domain"), value("location_id")) === busid.replace(/\.\d$/, "") &&
      fs.isDevice(`/dev/dri/renderD${value("drm_render_minor")}`)
    );
  }).length;
}

function kfdAddress(domain: number, location: number): string {
  const hex = (value: number, width: number): string => value.toString(16).padStart(width, "0");
  return `${hex(domain, 4)}:${hex((location >>> 8) & 0xff, 2)}:${hex((location >>> 3) & 0x1f, 2)}`;
}

function hasRenderNode(fs: SysFs, device: string): boolean {
  return fs
    .list(`${device}/drm`)
    .some((name) => name.startsWith("renderD") && fs.isDevice(`/dev/dri/${name}`));
}

function pciTypeOf(fs: SysFs, busid: string): string {
  const hex = (file: string, width: number): string =>
    (readNumber(fs, `${pciRoot}/${busid}/${file}`) ?? 0).toString(16).padStart(width, "0");
  const pciClass = hex("class", 6).slice(0, 4);
  const own = `${hex("vendor", 4)}:${hex("device", 4)}`;
  const board = `${hex("subsystem_vendor", 4)}:${hex("subsystem_device", 4)}`;
  return `${pciClass} [${own}] [${board}] ${hex("revision", 2)}`;
}
