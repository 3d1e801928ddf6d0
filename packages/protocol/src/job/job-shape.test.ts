import { expect, test } from "vitest";
import { fromCommand } from "./from-command.ts";
import { jobShapeOf, ntasksOn, taskCountOf } from "./job-shape.ts";
import { type Jobspec, type ResourceVertex, setShellOption } from "./jobspec.ts";

const core = (count = 1): ResourceVertex => ({ type: "core", count });
const slot = (count: ResourceVertex["count"], below = [core()]): ResourceVertex => ({
  type: "slot",
  count,
  label: "task",
  with: below,
});

function jobspec(resources: ResourceVertex[], changes: Partial<Jobspec> = {}): Jobspec {
  return { ...fromCommand(["app"]), resources, ...changes };
}

test("tasks and cores are known where slots are", () => {
  const shape = jobShapeOf(fromCommand(["app"], { ntasks: 4, coresPerTask: 2, duration: 60 }));
  expect(shape).toMatchObject({ nnodes: 0, nslots: 4, ntasks: 4, ncores: 8, duration: 60 });
  expect(shape.nodeCount).toBeUndefined();
});

test("an uneven spread over nodes has more slots than tasks", () => {
  const shape = jobShapeOf(fromCommand(["app"], { nodes: 3, ntasks: 5 }));
  expect(shape).toMatchObject({ nnodes: 3, nslots: 6, ntasks: 5, ncores: 6, exclusive: false });
  expect(shape.slotCount).toEqual({ min: 2, max: 2 });
});

test("how many cores whole nodes have is not known beforehand", () => {
  const shape = jobShapeOf(fromCommand(["app"], { nodes: 2 }));
  expect(shape).toMatchObject({ nnodes: 2, exclusive: true, ntasks: 2, ncores: undefined });
});

test.each([
  [{ nodes: 2, tasksPerNode: 3 }, { per: "node", count: 3 }, 6],
  [{ cores: 4, tasksPerCore: 2 }, { per: "core", count: 2 }, 8],
  [{ cores: 4, nodes: 2, tasksPerCore: 2 }, { per: "core", count: 2 }, undefined],
  [{ cores: 4, tasksPerNode: 2 }, { per: "node", count: 2 }, undefined],
])("options %j count tasks %j", (options, taskCount, ntasks) => {
  expect(jobShapeOf(fromCommand(["app"], options))).toMatchObject({ taskCount, ntasks });
});

test("allocated resources tell how many tasks run", () => {
  const allocated = { nslots: 4, nnodes: 2, ncores: 16 };
  const counts = (["job", "slot", "node", "core"] as const).map((per) =>
    ntasksOn({ per, count: 3 }, allocated),
  );
  expect(counts).toEqual([3, 12, 6, 48]);
});

test("an instance has a broker on every node, however many slots it got", () => {
  const spec = fromCommand(["flux", "broker"], { ntasks: 4 });
  setShellOption(spec, "per-resource.type", "node");
  expect(taskCountOf(spec)).toEqual({ per: "node", count: 1 });
});

test.each([
  [{ type: "node", count: 0 }, "per-resource.count must be > 0"],
  [{ count: 1 }, "invalid per-resource section"],
])("per-resource option %j is refused", (option, message) => {
  const spec = fromCommand(["app"]);
  setShellOption(spec, "per-resource", option);
  expect(() => jobShapeOf(spec)).toThrow(message);
});

test("what is above a node multiplies it; unknown types are passed over", () => {
  const node: ResourceVertex = { type: "node", count: "2-4", with: [slot(2, [core(3)])] };
  const shape = jobShapeOf(jobspec([{ type: "rack", count: 2, with: [node] }]));
  expect(shape).toMatchObject({ nnodes: 4, nslots: 8, coresPerSlot: 3 });
  expect([...shape.nodeCount!.values!]).toEqual([4, 6, 8]);
});

test("exclusive slots without a node are whole nodes", () => {
  const shape = jobShapeOf(jobspec([{ ...slot("2-3"), exclusive: true }]));
  expect(shape).toMatchObject({ nnodes: 2, nslots: 2, exclusive: true });
  expect(shape.nodeCount).toEqual({ min: 2, max: 3 });
  expect(shape.slotCount).toEqual({ min: 1, max: 1 });
});

test("no gpus may be asked for explicitly", () => {
  const spec = jobspec([slot(1, [core(), { type: "gpu", count: 0 }])]);
  expect(jobShapeOf(spec).gpusPerSlot).toBe(0);
});

test("what has no shape is refused", () => {
  expect(() => jobShapeOf(jobspec([]))).toThrow("jobspec has no resources");
  expect(() => jobShapeOf(jobspec([core()]))).toThrow("Unable to determine slot count");
  expect(() => jobShapeOf(jobspec([slot(1, [])]))).toThrow("Unable to determine slot size");
  const attributes = { system: {} } as Jobspec["attributes"];
  expect(() => jobShapeOf(jobspec([slot(1)], { attributes }))).toThrow(
    "getting duration: Object item not found: duration",
  );
  let deep = slot(1);
  for (let i = 0; i < 200; i++) deep = { type: "rack", count: 1, with: [deep] };
  expect(() => jobShapeOf(jobspec([deep]))).toThrow("nested too deeply");
});
