import fc from "fast-check";
import { expect, test } from "vitest";
import { Idset } from "../text/idset.ts";
import { memoized, NodeResources } from "./node-resources.ts";

const parse = (core: string, gpu = "") => NodeResources.parse({ gpu, core });

test("cores come first, empty sets are left out", () => {
  const resources = NodeResources.parse({ nic: "1", gpu: "", core: "0-3", fpga: "0" });
  expect(String(resources)).toBe("core[0-3],fpga0,nic1");
  expect(resources.toJson()).toEqual({ core: "0-3", fpga: "0", nic: "1" });
  expect(resources.types).toEqual(["core", "fpga", "nic"]);
  expect(resources.count("core")).toBe(4);
  expect(resources.count("gpu")).toBe(0);
});

test("equal resources have equal keys", () => {
  expect(parse("0,1,2").key).toBe(parse("0-2").key);
  expect(parse("0-2").key).not.toBe(parse("0-2", "0").key);
  expect(NodeResources.parse({}).key).toBe(NodeResources.none.key);
});

test("ids are renumbered from 0, except of types that are to stay", () => {
  expect(parse("2,5-6", "3").remap(["gpu"]).toJson()).toEqual({ core: "0-2", gpu: "3" });
});

test("types can be left out", () => {
  expect(parse("0", "0").without(["core"]).toJson()).toEqual({ gpu: "0" });
});

test("set operations hold for each type", () => {
  const ids = fc.uniqueArray(fc.nat({ max: 20 })).map((list) => Idset.from(list));
  const any = fc.tuple(ids, ids).map(([core, gpu]) =>
    NodeResources.of([
      ["core", core],
      ["gpu", gpu],
    ]),
  );
  fc.assert(
    fc.property(any, any, (a, b) => {
      expect(a.diff(b).union(a.intersect(b)).key).toBe(a.key);
      expect(a.diff(b).intersect(b).isEmpty).toBe(true);
      expect(a.union(b).count("core")).toBe(a.diff(b).count("core") + b.count("core"));
    }),
  );
});

test("a memoized combination is worked out once for each pair", () => {
  let calls = 0;
  const union = memoized((a, b) => {
    calls++;
    return a.union(b);
  });
  const first = union(parse("0"), parse("1"));
  expect(union(parse("0"), parse("1"))).toBe(first);
  expect(calls).toBe(1);
});
