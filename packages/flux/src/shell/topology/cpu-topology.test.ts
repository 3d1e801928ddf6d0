import { Idset } from "@flux-ts/protocol/text/idset";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseCpuMap, parseCpus } from "./cpu-list.ts";
import { cpusOf, distributeCpus, topologyOf } from "./cpu-topology.ts";

const text = (sets: readonly Idset[]): string[] => sets.map((set) => set.encode());
const cores = (...lists: string[]): Idset[] => lists.map((list) => Idset.parse(list));

test("CPUs are read in list, mask and hwloc's form", () => {
  expect(parseCpus("0,2-3").encode()).toBe("0,2-3");
  expect(parseCpus("0xff").encode()).toBe("0-7");
  expect(parseCpus("0x1,0x00000003").encode()).toBe("0-1,32");
  expect(parseCpus("0x100000000").encode()).toBe("32");
  for (const bad of ["", "0x0", "x", "0xg", "1-"]) expect(() => parseCpus(bad)).toThrow(/cpuset/);
});

test("a map is used again from the start for more tasks", () => {
  expect(text(parseCpuMap("0;1-2", 5))).toEqual(["0", "1-2", "0", "1-2", "0"]);
  expect(() => parseCpuMap(";", 1)).toThrow("no cpusets");
});

test("cores are found in hwloc's XML in order", () => {
  const xml = `<topology><object type="Package" cpuset="0x0000000f">
    <object type="Core" os_index="1" cpuset="0x00000005"><object type="PU" cpuset="0x1"/></object>
    <object type="Core" os_index="0" cpuset="0x0000000a"/></object></topology>`;
  const topology = topologyOf(xml);
  expect(text(topology)).toEqual(["0,2", "1,3"]);
  expect(cpusOf(topology, Idset.parse("1"))?.encode()).toBe("1,3");
  expect(cpusOf(topology, Idset.parse("1-2"))).toBeUndefined();
});

test("cores are distributed over tasks, and shared if there are too few", () => {
  expect(text(distributeCpus(cores("0", "1", "2", "3"), 2))).toEqual(["0-1", "2-3"]);
  expect(text(distributeCpus(cores("0", "1"), 4))).toEqual(["0", "0", "1", "1"]);
  expect(text(distributeCpus(cores("0-1", "2-3", "4-5"), 2))).toEqual(["0-1", "2-5"]);
});

test("each task gets CPUs, and each CPU a task", () => {
  const counts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 16 });
  fc.assert(
    fc.property(counts, fc.integer({ min: 1, max: 40 }), (weights, ntasks) => {
      let next = 0;
      const all = weights.map((count) => {
        next += count;
        return Idset.range(next - count, next - 1);
      });
      const sets = distributeCpus(all, ntasks);
      expect(sets.length).toBe(ntasks);
      expect(sets.every((set) => set.size > 0)).toBe(true);
      expect(sets.reduce((a, b) => a.union(b)).size).toBe(next);
    }),
  );
});
