import type { Subtree } from "@flux-ts/protocol/services/overlay";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Topology, type TopologyHost } from "./topology.ts";

/** `0(1(3 4) 2)`. */
function drawn(uri: string, size: number, hosts?: TopologyHost[]): string {
  const draw = ({ rank, children }: Subtree): string =>
    children.length === 0 ? `${rank}` : `${rank}(${children.map(draw).join(" ")})`;
  return draw(new Topology(uri, size, hosts).subtree(0));
}

test("the trees of size 9 are those of flux-core", () => {
  expect(drawn("kary:2", 9)).toBe("0(1(3(7 8) 4) 2(5 6))");
  expect(drawn("kary:0", 9)).toBe("0(1 2 3 4 5 6 7 8)");
  expect(drawn("kary:1", 4)).toBe("0(1(2(3)))");
  expect(drawn("mincrit:2", 9)).toBe("0(1(3 5 7) 2(4 6 8))");
  expect(drawn("mincrit", 9)).toBe("0(1 2 3 4 5 6 7 8)");
  expect(drawn("binomial", 9)).toBe("0(1 2(3) 4(5 6(7)) 8)");
  expect(drawn("binomial", 1)).toBe("0");
  expect(drawn("custom", 4)).toBe("0(1 2 3)");
});

test("mincrit chooses as few routers as keep the fan-out at 1024", () => {
  expect(new Topology("mincrit", 1025).childrenOf(0)).toHaveLength(1024);
  const larger = new Topology("mincrit", 1026);
  expect(larger.childrenOf(0)).toEqual([1, 2]);
  expect(larger.maxLevel).toBe(2);
  expect(new Topology("mincrit", 4000).childrenOf(0)).toHaveLength(4);
});

test("custom takes parents from the hosts, and refuses what is no tree", () => {
  const chain = [
    { host: "a" },
    { host: "b", parent: "c" },
    { host: "c" },
    { host: "d", parent: "b" },
  ];
  expect(drawn("custom", 4, chain)).toBe("0(2(1(3)))");
  expect(() => drawn("custom", 2, [{ host: "a", parent: "b" }, { host: "b" }])).toThrow(
    "rank 0 (a) may not have a parent",
  );
  expect(() => drawn("custom", 2, [{ host: "a" }, { host: "b", parent: "x" }])).toThrow(
    'invalid parent "x" for b (rank 1)',
  );
  const cycle = [{ host: "a" }, { host: "b", parent: "c" }, { host: "c", parent: "b" }];
  expect(() => drawn("custom", 3, cycle)).toThrow("violates rule against cycles");
});

test("unknown schemes and arguments are EINVAL", () => {
  expect(() => new Topology("ring", 2)).toThrow("unknown topology scheme 'ring'");
  expect(() => new Topology("kary:x", 2)).toThrow("kary k value must be an integer >= 0");
  expect(() => new Topology("kary", 2)).toThrow("kary k value must be an integer >= 0");
  expect(() => new Topology("binomial:2", 2)).toThrow("unknown binomial topology directive: '2'");
  expect(() => new Topology("kary:2", 0)).toThrow("invalid topology size 0");
});

test("levels, descendants and critical ranks follow from the tree", () => {
  const tree = new Topology("kary:2", 9);
  expect([0, 1, 4, 8].map((rank) => tree.levelOf(rank))).toEqual([0, 1, 2, 3]);
  expect(tree.maxLevel).toBe(3);
  expect([0, 1, 2, 3, 8].map((rank) => tree.descendantCount(rank))).toEqual([8, 4, 2, 2, 0]);
  expect(tree.criticalRanks).toEqual([0, 1, 2, 3]);
  expect(new Topology("kary:2", 1).criticalRanks).toEqual([0]);
});

test("the way down leads to the child whose subtree holds the rank", () => {
  const tree = new Topology("kary:2", 9);
  expect(tree.childTowards(0, 8)).toBe(1);
  expect(tree.childTowards(1, 8)).toBe(3);
  expect(tree.childTowards(2, 8)).toBeUndefined();
  expect(tree.childTowards(1, 0)).toBeUndefined();
  expect(tree.childTowards(0, 9)).toBeUndefined();
  expect(tree.childTowards(0, 0xffffffff)).toBeUndefined();
});

test("in every tree each rank but 0 has a parent, and the sizes add up", () => {
  const scheme = fc.oneof(
    fc.nat(40).map((k) => `kary:${k}`),
    fc.nat(40).map((k) => `mincrit:${k}`),
    fc.constantFrom("mincrit", "binomial", "custom"),
  );
  fc.assert(
    fc.property(scheme, fc.integer({ min: 1, max: 300 }), (uri, size) => {
      const tree = new Topology(uri, size);
      expect(tree.descendantCount(0)).toBe(size - 1);
      for (let rank = 1; rank < size; rank++) {
        const parent = tree.parentOf(rank)!;
        expect(tree.childrenOf(parent)).toContain(rank);
        expect(tree.levelOf(rank)).toBe(tree.levelOf(parent) + 1);
      }
    }),
  );
});
