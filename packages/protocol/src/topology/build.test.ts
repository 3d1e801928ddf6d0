import { expect, test } from "vitest";
import { Idset } from "../text/idset.ts";
import { buildTopology } from "./build.ts";
import { boundCpus, usableCpus } from "./cpus.ts";
import { inventoryOf, restrictTopology } from "./inventory-of.ts";
import type { SysFs } from "./sysfs.ts";
import { parseXml, printXml, type XmlElement } from "./xml.ts";

const host = {
  hostname: "fluke1",
  osName: "Linux",
  osRelease: "6.1",
  osVersion: "#1",
  architecture: "x86_64",
};

/** A file system with these files; directories follow from them. */
function fake(files: Record<string, string>, links: Record<string, string> = {}): SysFs {
  const paths = [...Object.keys(files), ...Object.keys(links)];
  return {
    read: (path) => files[path],
    list(path) {
      const inside = paths.filter((name) => name.startsWith(`${path}/`));
      return [...new Set(inside.map((name) => name.slice(path.length + 1).split("/")[0] ?? ""))];
    },
    link: (path) => links[path],
    isDevice: (path) => files[path] === "device",
  };
}

/** Two packages of two cores, two threads each: cpu 0-3 are the first threads, 4-7 the second. */
function twoPackages(): Record<string, string> {
  const files: Record<string, string> = {
    "/sys/devices/system/cpu/online": "0-7",
    "/proc/self/status": "Name:\tx\nCpus_allowed_list:\t0-7\n",
    "/proc/cpuinfo": "vendor_id\t: Acme\nmodel name\t: Big\n",
  };
  for (let cpu = 0; cpu < 8; cpu++) {
    const core = cpu % 4;
    const pack = core >> 1;
    const at = `/sys/devices/system/cpu/cpu${cpu}`;
    files[`${at}/topology/physical_package_id`] = `${pack}`;
    files[`${at}/topology/package_cpus_list`] = pack ? "2-3,6-7" : "0-1,4-5";
    files[`${at}/topology/core_id`] = `${core}`;
    files[`${at}/topology/core_cpus_list`] = `${core},${core + 4}`;
    files[`${at}/cache/index0/level`] = "2";
    files[`${at}/cache/index0/type`] = "Unified";
    files[`${at}/cache/index0/size`] = "512K";
    files[`${at}/cache/index0/shared_cpu_list`] = `${core},${core + 4}`;
  }
  for (const node of [0, 1]) {
    const at = `/sys/devices/system/node/node${node}`;
    files[`${at}/cpulist`] = node ? "2-3,6-7" : "0-1,4-5";
    files[`${at}/meminfo`] = `Node ${node} MemTotal:       1024 kB`;
  }
  return files;
}

/** `Machine(Package(...))` with the numbers of CPUs. */
function outline(at: XmlElement): string {
  const type = at.attributes.get("type") ?? at.name;
  const inside = at.children.filter(({ name }) => name === "object").map(outline);
  return inside.length > 0 ? `${type}(${inside.join(" ")})` : type;
}

const all = Idset.parse("0-7");

test("levels are nested as the kernel describes them", () => {
  const topology = buildTopology(fake(twoPackages()), host, all);
  const core = "L2Cache(Core(PU PU))";
  const pack = `Package(NUMANode ${core} ${core})`;
  expect(outline(topology)).toBe(`topology(Machine(${pack} ${pack}))`);
  expect(inventoryOf(topology)).toMatchObject({ hostname: "fluke1" });
  expect(inventoryOf(topology).cores.encode()).toBe("0-3");
});

test("objects carry hwloc's sets, and the machine what may be used", () => {
  const xml = printXml(buildTopology(fake(twoPackages()), host, all));
  expect(xml).toContain(
    '<object type="Machine" os_index="0" cpuset="0x000000ff" complete_cpuset="0x000000ff" ' +
      'allowed_cpuset="0x000000ff" nodeset="0x00000003"',
  );
  expect(xml).toContain('type="Package" os_index="1" cpuset="0x000000cc"');
  expect(xml).toContain('type="NUMANode" os_index="1"');
  expect(xml).toContain('local_memory="1048576"');
  expect(xml).toContain('cache_size="524288" depth="2"');
  expect(xml).toContain('<info name="CPUModel" value="Big"/>');
});

test("only the CPUs that are asked for are described", () => {
  const topology = buildTopology(fake(twoPackages()), host, Idset.parse("1,5"));
  expect(outline(topology)).toBe("topology(Machine(Package(NUMANode L2Cache(Core(PU PU)))))");
});

test("a restricted topology keeps memory, as hwloc does, but no other CPUs", () => {
  const whole = buildTopology(fake(twoPackages()), host, all);
  const restricted = restrictTopology(parseXml(printXml(whole)), Idset.parse("2,3"));
  expect(restricted && outline(restricted)).toBe(
    "topology(Machine(Package(NUMANode L2Cache(Core(PU)) L2Cache(Core(PU))) Package(NUMANode)))",
  );
  expect(restricted && inventoryOf(restricted).cores.encode()).toBe("0-1");
  expect(restrictTopology(whole, Idset.of(99))).toBeNull();
});

test("memory of a part of a package is found at that part", () => {
  const files = twoPackages();
  files["/sys/devices/system/node/node0/cpulist"] = "0,4";
  files["/sys/devices/system/node/node1/cpulist"] = "1,5";
  expect(outline(buildTopology(fake(files), host, all))).toContain(
    "Package(L2Cache(NUMANode Core(PU PU)) L2Cache(NUMANode Core(PU PU)))",
  );
});

test("memory of several packages gets a group for them, or cutting across some, the machine", () => {
  const files = twoPackages();
  for (let cpu = 0; cpu < 8; cpu++) {
    const at = `/sys/devices/system/cpu/cpu${cpu}/topology`;
    files[`${at}/physical_package_id`] = `${cpu % 4}`;
    files[`${at}/package_cpus_list`] = `${cpu % 4},${(cpu % 4) + 4}`;
  }
  files["/sys/devices/system/node/node0/cpulist"] = "0-2,4-6";
  files["/sys/devices/system/node/node1/cpulist"] = "2-3,6-7";
  const pack = "Package(L2Cache(Core(PU PU)))";
  expect(outline(buildTopology(fake(files), host, all))).toBe(
    `topology(Machine(NUMANode Group(NUMANode ${pack} ${pack} ${pack}) ${pack}))`,
  );
});

test("memory without CPUs belongs to the machine", () => {
  const files = twoPackages();
  files["/sys/devices/system/node/node2/cpulist"] = "";
  files["/sys/devices/system/node/node2/meminfo"] = "Node 2 MemTotal: 8 kB";
  expect(outline(buildTopology(fake(files), host, all))).toMatch(/^topology\(Machine\(NUMANode /);
});

function pci(busid: string, pciClass: string, vendor: string): Record<string, string> {
  const at = `/sys/bus/pci/devices/${busid}`;
  return {
    [`${at}/class`]: pciClass,
    [`${at}/vendor`]: vendor,
    [`${at}/local_cpulist`]: "2-3,6-7",
  };
}

test("a GPU counts when its compute driver runs it and its device may be opened", () => {
  const files = {
    ...twoPackages(),
    ...pci("0000:03:00.0", "0x030000", "0x1a03"),
    ...pci("0000:3b:00.0", "0x030200", "0x10de"),
    ...pci("0000:5e:00.0", "0x030200", "0x10de"),
    "/proc/driver/nvidia/gpus/0000:3b:00.0/information": "Model: X\nDevice Minor: \t 0",
    "/proc/driver/nvidia/gpus/0000:5e:00.0/information": "Model: X\nDevice Minor: \t 1",
    "/dev/nvidia0": "device",
  };
  const links = {
    "/sys/bus/pci/devices/0000:03:00.0/driver": "ast",
    "/sys/bus/pci/devices/0000:3b:00.0/driver": "nvidia",
    "/sys/bus/pci/devices/0000:5e:00.0/driver": "nvidia",
  };
  const topology = buildTopology(fake(files, links), host, all);
  expect(inventoryOf(topology).gpus.encode()).toBe("0");
  expect(outline(topology)).toMatch(/Package\(NUMANode.* Bridge\(PCIDev\(OSDev\)\)\)\)\)$/);
});

test("parts of a GPU are GPUs", () => {
  const files: Record<string, string> = {
    ...twoPackages(),
    ...pci("0000:c1:00.0", "0x120000", "0x1002"),
    "/dev/kfd": "device",
    "/dev/dri/renderD128": "device",
    "/dev/dri/renderD129": "device",
  };
  const node = "/sys/class/kfd/kfd/topology/nodes";
  files[`${node}/0/properties`] = "simd_count 0\nlocation_id 0\ndomain 0";
  for (const part of [1, 2]) {
    files[`${node}/${part}/properties`] =
      `simd_count 304\nlocation_id ${(0xc1 << 8) + part}\ndomain 0\ndrm_render_minor ${127 + part}`;
  }
  const links = { "/sys/bus/pci/devices/0000:c1:00.0/driver": "amdgpu" };
  expect(inventoryOf(buildTopology(fake(files, links), host, all)).gpus.encode()).toBe("0-1");
});

test("a GPU that two libraries know is one, unless duplicates are wanted", () => {
  const device = (...backends: string[]) =>
    `<object type="PCIDev">${backends
      .map((name) => `<object type="OSDev"><info name="Backend" value="${name}"/></object>`)
      .join("")}</object>`;
  const xml = `<topology><object type="Machine">${device("CUDA", "OpenCL", "NVML")}${device(
    "RSMI",
    "RSMI",
  )}${device("Linux")}</object></topology>`;
  expect(inventoryOf(parseXml(xml)).gpus.encode()).toBe("0-2");
  expect(inventoryOf(parseXml(xml), true).gpus.encode()).toBe("0-4");
});

test("CPUs are limited by the cgroup and by the process's own binding", () => {
  const fs = fake({
    ...twoPackages(),
    "/proc/self/cgroup": "0::/job",
    "/sys/fs/cgroup/job/cpuset.cpus.effective": "0-3",
    "/proc/self/status": "Cpus_allowed:\tf\nCpus_allowed_list:\t2-5\n",
  });
  expect(usableCpus(fs).encode()).toBe("0-3");
  expect(boundCpus(fs)?.encode()).toBe("2-5");
});

test("a machine that tells nothing has one core", () => {
  const fs = fake({});
  const topology = buildTopology(fs, host, usableCpus(fs));
  expect(inventoryOf(topology).cores.encode()).toBe("0");
});
