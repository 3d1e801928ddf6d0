import fc from "fast-check";
import { expect, test } from "vitest";
import { Taskmap } from "./taskmap.ts";

/** The node of each task. */
const placement = fc.array(fc.nat(4), { minLength: 1, maxLength: 24 });

function mapOf(nodes: readonly number[]): Taskmap {
  const map = new Taskmap();
  for (const node of nodes) map.append(node, 1, 1);
  return map;
}

const block = fc.tuple(
  fc.nat(3),
  fc.integer({ min: 1, max: 4 }),
  fc.integer({ min: 1, max: 3 }),
  fc.integer({ min: 1, max: 3 }),
);

/** The node of each task, one by one, by the definition of blocks. */
function expand(blocks: readonly (readonly number[])[]): number[] {
  const nodes: number[] = [];
  for (const [nodeid = 0, nnodes = 0, ppn = 0, repeat = 0] of blocks) {
    for (let i = 0; i < repeat * nnodes * ppn; i++) {
      nodes.push(nodeid + (Math.floor(i / ppn) % nnodes));
    }
  }
  return nodes;
}

test("blocks appended task by task answer for each task and node", () => {
  fc.assert(
    fc.property(placement, (nodes) => {
      const map = mapOf(nodes);
      expect(expand(map.toJSON())).toEqual(nodes);
      expect(nodes.map((_, task) => map.nodeid(task))).toEqual(nodes);
      expect(map.nodeid(nodes.length)).toBeUndefined();
      for (let node = 0; node < 6; node++) {
        const tasks = nodes.flatMap((each, task) => (each === node ? [task] : []));
        expect([...map.taskids(node)]).toEqual(tasks);
        expect(map.ntasks(node)).toBe(tasks.length);
      }
      expect(map.nodeCount).toBe(Math.max(...nodes) + 1);
    }),
  );
});

test("each text form says the same map", () => {
  fc.assert(
    fc.property(fc.array(block, { minLength: 1, maxLength: 5 }), (blocks) => {
      const map = Taskmap.fromJson(blocks);
      const nodes = expand(blocks);
      const forms = [map.toString(), JSON.stringify(map.toWrapped()), map.toPmi(), map.toRaw()];
      for (const form of forms) expect(expand(Taskmap.parse(form).toJSON())).toEqual(nodes);
      expect(map.taskCount).toBe(nodes.length);
      expect(map.toMultiline()).toEqual(nodes.map((node, task) => `${task}: ${node}`));
    }),
  );
});

// What flux-core 0.88 makes of the same text.
test.each([
  ["(vector,(0,4,2),(4,2,4))", "[[0,4,2,1],[4,2,4,1]]"],
  ["(vector, (0,1,1), (1,1,1))", "[[0,2,1,1]]"],
  ["(vector,(0,2,1),(0,2,1),(2,1,1))", "[[0,2,1,2],[2,1,1,1]]"],
  ["(vector,)", "[]"],
  ["0,2;1", "[[0,2,1,1],[0,1,1,1]]"],
  ["[[0,1,1,3]]", "[[0,1,1,3]]"],
  ["[[0,1,1,1,1]]", "[[0,1,1,1]]"],
])("%s is the map %s", (text, map) => {
  expect(Taskmap.parse(text).toString()).toBe(map);
});

test.each([
  ["0;2", "missing taskid: 1"],
  ["0;2-4", "missing taskid: 1"],
  ["0;3-4", "missing taskids: 1-2"],
  ["0-1;1-2", "duplicate taskid: 1"],
  ["0-3;1-2", "duplicate taskids: 1-2"],
  ["1-;0", "error parsing range '1-'"],
  ["[1]", "entry 0 in taskmap is not an array"],
  ["[[0,1,1]]", "invalid entry [0,1,1]"],
  ["[[0,1,0,1]]", "invalid entry [0,1,0,1]"],
  ["[[-1,1,1,1]]", "invalid entry [-1,1,1,1]"],
  ["[[0,1,1,1.5]]", "invalid entry [0,1,1,1.5]"],
  ["[[0,2,1,2]", "no valid JSON"],
  ["(0,1,1)", "no valid JSON"],
  ['{"version":2,"map":[]}', "expected version=1, got 2"],
  ['{"map":[]}', "taskmap needs version and map"],
  ['{"version":1,"map":3}', "taskmap must be an array"],
  ["(vector,(a,1,1))", "unable to parse block: (a,1,1)"],
  ["(vector,(0,0,1))", "invalid entry [0,0,1,1]"],
  ["(vector,(0,1,1)", "unable to parse"],
])("%s is refused", (text, message) => {
  expect(() => Taskmap.parse(text)).toThrow(message);
});

test("a node in between may have no tasks", () => {
  const map = Taskmap.parse("0;;1");
  expect(map.toJSON()).toEqual([
    [0, 1, 1, 1],
    [2, 1, 1, 1],
  ]);
  expect(map.toRaw()).toBe("0;;1");
  expect(map.taskids(1).isEmpty).toBe(true);
});

test("a map that would not fit into memory is refused, a large regular one is not", () => {
  expect(() => Taskmap.fromJson([[0, 2, 1, 2 ** 21]])).toThrow("taskmap is too large");
  expect(() => Taskmap.fromJson([[0, 2 ** 20, 2 ** 20, 1]])).toThrow("taskmap is too large");
  const map = Taskmap.fromJson([[0, 2 ** 15, 2 ** 15, 1]]);
  expect(map.nodeid(2 ** 30 - 1)).toBe(2 ** 15 - 1);
  expect(map.taskids(1).encode()).toBe("32768-65535");
  expect(() => map.toRaw()).toThrow(expect.objectContaining({ code: "E2BIG" }));
  expect(() => map.toMultiline()).toThrow(expect.objectContaining({ code: "E2BIG" }));
});

test("maps can be compared by size", () => {
  const map = Taskmap.parse("0-1;2-3");
  expect(() => map.checkSameSize(Taskmap.parse("0,2;1,3"))).not.toThrow();
  expect(() => map.checkSameSize(Taskmap.parse("0-3"))).toThrow("got 1 nodes, expected 2");
  expect(() => map.checkSameSize(Taskmap.parse("0;1"))).toThrow("got 2 total tasks, expected 4");
});
