import { Taskmap } from "@flux-ts/protocol/text/taskmap";
import { expect, test } from "vitest";

const vectors: [raw: string, map: string][] = [
  ["0", "[[0,1,1,1]]"],
  ["0;1", "[[0,2,1,1]]"],
  ["0-1", "[[0,1,2,1]]"],
  ["0-1;2-3", "[[0,2,2,1]]"],
  ["0,2;1,3", "[[0,2,1,2]]"],
  ["1;0", "[[1,1,1,1],[0,1,1,1]]"],
  ["0-3;4-7;8-11;12-15", "[[0,4,4,1]]"],
  ["0,4,8,12;1,5,9,13;2,6,10,14;3,7,11,15", "[[0,4,1,4]]"],
  ["0-1,8-9;2-3,10-11;4-5,12-13;6-7,14-15", "[[0,4,2,2]]"],
  ["0-1;2-3;4-5;6-7;8-11;12-15", "[[0,4,2,1],[4,2,4,1]]"],
  ["0,6;1,7;2,8;3,9;4,10,12,14;5,11,13,15", "[[0,6,1,2],[4,2,1,2]]"],
  [
    "14-15;12-13;10-11;8-9;4-7;0-3",
    "[[5,1,4,1],[4,1,4,1],[3,1,2,1],[2,1,2,1],[1,1,2,1],[0,1,2,1]]",
  ],
  ["0-1;2-3;4-5;6-7;8-9;12-13;10-11;14-15", "[[0,5,2,1],[6,1,2,1],[5,1,2,1],[7,1,2,1]]"],
  ["12-15;8-11;4-7;0-3", "[[3,1,4,1],[2,1,4,1],[1,1,4,1],[0,1,4,1]]"],
];

test.each(vectors)("RFC 34 Test Vectors: raw %s is %s", (raw, map) => {
  expect(Taskmap.parse(raw).toString()).toBe(map);
  expect(Taskmap.parse(map).toRaw()).toBe(raw);
});

test("RFC 34 Implementation: a map without blocks says that the mapping is unknown", () => {
  const map = Taskmap.parse("[]");
  expect(map.isUnknown).toBe(true);
  expect([map.toString(), map.toRaw(), map.toPmi(), map.toJSON()]).toEqual(["[]", "", "", []]);
  expect([map.nodeid(0), map.taskids(0).size, map.taskCount, map.nodeCount]).toEqual([
    undefined,
    0,
    0,
    0,
  ]);
  expect(Taskmap.parse("").isUnknown).toBe(true);
});

test("RFC 34 Implementation: a map is a JSON array of blocks of four integers", () => {
  expect(Taskmap.fromJson([[4, 2, 3, 5]]).blocks).toEqual([
    { nodeid: 4, nnodes: 2, ppn: 3, repeat: 5 },
  ]);
  for (const value of [[1], [[0, 1, 1]], [[0, 1, 1, "1"]], [[0, 1, 1, 0]], "x", null]) {
    expect(() => Taskmap.fromJson(value)).toThrow(expect.objectContaining({ code: "EINVAL" }));
  }
});

test.each([
  ["4*4 block", "[[0,4,4,1]]", "(vector,(0,4,4))"],
  ["4*4 cyclic:1", "[[0,4,1,4]]", "(vector,(0,4,1),(0,4,1),(0,4,1),(0,4,1))"],
  ["4*4 cyclic:2", "[[0,4,2,2]]", "(vector,(0,4,2),(0,4,2))"],
  ["4*2 + 2*4 block", "[[0,4,2,1],[4,2,4,1]]", "(vector,(0,4,2),(4,2,4))"],
  ["4*2 + 2*4 cyclic:1", "[[0,6,1,2],[4,2,1,2]]", "(vector,(0,6,1),(0,6,1),(4,2,1),(4,2,1))"],
  ["4*2 + 2*4 cyclic:2", "[[0,6,2,1],[4,2,2,1]]", "(vector,(0,6,2),(4,2,2))"],
  ["4096*256 block", "[[0,4096,256,1]]", "(vector,(0,4096,256))"],
])("RFC 34 Existing Implementations: PMI's form of %s", (_, map, pmi) => {
  expect(Taskmap.parse(map).toPmi()).toBe(pmi);
  expect(Taskmap.parse(pmi).toString()).toBe(map);
});

test("RFC 34 Implementation: a cyclic map of a million tasks is short", () => {
  const map = Taskmap.parse("[[0,4096,1,256]]");
  expect(map.taskCount).toBe(2 ** 20);
  expect([...map.taskids(4095)].slice(0, 3)).toEqual([4095, 8191, 12287]);
  expect(map.nodeid(2 ** 20 - 1)).toBe(4095);
});

test("RFC 34 Implementation: a map may be wrapped in an object with its version", () => {
  const text = '{"version":1, "map":[[0,4096,256,1]]}';
  const map = Taskmap.parse(text);
  expect(map.toWrapped()).toEqual(JSON.parse(text));
  expect(() => Taskmap.fromJson({ version: 2, map: [] })).toThrow("expected version=1, got 2");
  for (const value of [{ map: [] }, { version: 1 }]) {
    expect(() => Taskmap.fromJson(value)).toThrow("taskmap needs version and map");
  }
});

test("RFC 34 Background: a node gives its tasks, a task its node", () => {
  const map = Taskmap.parse("[[0,4,2,1],[4,2,4,1]]");
  expect(map.taskids(4).encode()).toBe("8-11");
  expect([map.nodeid(7), map.nodeid(8), map.nodeid(16)]).toEqual([3, 4, undefined]);
  expect([map.ntasks(0), map.ntasks(5), map.ntasks(6)]).toEqual([2, 4, 0]);
});
