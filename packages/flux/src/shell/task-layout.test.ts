import type { Jobspec } from "@flux-ts/protocol/job/jobspec";
import fc from "fast-check";
import { expect, test } from "vitest";
import { distribute, taskLayoutOf } from "./task-layout.ts";

const slot = (count: number, cores = 1) => ({
  type: "slot",
  count,
  label: "task",
  with: [{ type: "core", count: cores }],
});
const jobspec = (
  resources: Jobspec["resources"],
  count: Jobspec["tasks"][0]["count"] = { per_slot: 1 },
  options = {},
): Jobspec => ({
  version: 1,
  resources,
  tasks: [{ command: ["true"], slot: "task", count }],
  attributes: { system: { duration: 0, shell: { options } } },
});
const R = (entries: [rank: string, core: string][], nodelist: string, nslots?: number) => ({
  version: 1,
  execution: {
    R_lite: entries.map(([rank, core]) => ({ rank, children: { core } })),
    nodelist: [nodelist],
    ...(nslots && { nslots }),
  },
});

test("the node with most cores gets the first task, then each in turn while it has cores", () => {
  expect(distribute([4, 4], 4, 1)).toEqual([2, 2]);
  expect(distribute([4, 4], 5, 1)).toEqual([3, 2]);
  expect(distribute([1, 4], 3, 1)).toEqual([1, 2]);
  expect(distribute([2, 8], 5, 2)).toEqual([1, 4]);
});

test("more tasks than cores start another round over all nodes", () => {
  expect(distribute([1, 1], 4, 1)).toEqual([2, 2]);
  expect(distribute([2, 4], 12, 1)).toEqual([4, 8]);
});

test("a node too small for a task makes the tasks smaller", () => {
  expect(distribute([1, 4], 3, 2)).toEqual([1, 2]);
});

test("every task is placed", () => {
  const cores = fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(
      cores,
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 1, max: 8 }),
      (...args) => {
        const counts = distribute(...args);
        expect(counts.reduce((a, b) => a + b, 0)).toBe(args[1]);
      },
    ),
  );
});

test("slots make tasks, in order of broker rank", () => {
  const layout = taskLayoutOf(
    jobspec([slot(3)]),
    R(
      [
        ["2-3", "0-1"],
        ["1", "0"],
      ],
      "n[1-3]",
      3,
    ),
  );
  expect(layout.nodes.map(({ rank, host, ntasks }) => [rank, host, ntasks])).toEqual([
    [1, "n1", 1],
    [2, "n2", 1],
    [3, "n3", 1],
  ]);
});

test("per-resource gives tasks to nodes or cores", () => {
  const r = R([["0-1", "0-3"]], "a,b", 2);
  const perNode = jobspec(
    [slot(2)],
    { per_slot: 1 },
    { "per-resource": { type: "node", count: 2 } },
  );
  expect(taskLayoutOf(perNode, r).taskmap.toJSON()).toEqual([[0, 2, 2, 1]]);
  const perCore = jobspec([slot(2)], { per_slot: 1 }, { "per-resource": { type: "core" } });
  expect(taskLayoutOf(perCore, r).taskmap.toJSON()).toEqual([[0, 2, 4, 1]]);
});

test("a total of tasks is spread over the nodes", () => {
  const nodes = [{ type: "node", count: 2, with: [slot(2)] }];
  const layout = taskLayoutOf(jobspec(nodes, { total: 3 }), R([["0-1", "0-1"]], "a,b", 4));
  expect(layout.nodes.map(({ ntasks }) => ntasks)).toEqual([2, 1]);
  // The slot without a task is not used, so that each task has one core.
  expect(layout.nodes.map(({ cores }) => `${cores}`)).toEqual(["0-1", "0"]);
  expect(layout.adjustments).toEqual([[], ["adjusted cores from 0-1 to 0"]]);
  expect(layout.slots).toMatchObject({ nslots: 4, nnodes: 2, slotsPerNode: 2, coresPerSlot: 1 });
});

test("R without a number of slots leaves it to the jobspec", () => {
  const nodes = [{ type: "node", count: 2, with: [slot(2, 2)] }];
  expect(taskLayoutOf(jobspec(nodes), R([["0-1", "0-3"]], "a,b")).taskmap.toJSON()).toEqual([
    [0, 2, 2, 1],
  ]);
});
