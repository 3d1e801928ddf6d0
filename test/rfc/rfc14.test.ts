import { fromCommand } from "@flux-ts/protocol/job/from-command";
import { jobShapeOf } from "@flux-ts/protocol/job/job-shape";
import { addFile, type ResourceVertex, setAttribute } from "@flux-ts/protocol/job/jobspec";
import { parseCount } from "@flux-ts/protocol/job/resource-count";
import { validateJobspec } from "@flux-ts/protocol/job/validate-jobspec";
import type { Json } from "@flux-ts/protocol/schema/json";
import { expect, test } from "vitest";

/** RFC 14 jobspec with these resources; versions other than 1 are free of RFC 25's restrictions. */
function canonical(resources: unknown, changes: Record<string, unknown> = {}): Json {
  const jobspec = {
    version: 999,
    resources,
    tasks: [{ command: ["app"], slot: "default", count: { per_slot: 1 } }],
    attributes: { system: { duration: 3600 } },
    ...changes,
  };
  return jobspec as Json;
}
const check = (resources: unknown, changes = {}) =>
  validateJobspec(canonical(resources, changes), { requireVersion: "any" });
const slot = (count: unknown = 1, below: unknown[] = [{ type: "core", count: 1 }]) => ({
  type: "slot",
  count,
  label: "default",
  with: below,
});
const countOf = (text: string) => [...(parseCount(text).values ?? [])];

test("RFC 14 Resources: a vertex has type and count", () => {
  expect(() => check([{ count: 1 }])).toThrow("type is a required key");
  expect(() => check([{ type: "node" }])).toThrow("count is a required key");
});

test("RFC 14 Resources: a count is a positive integer, an idset, a range or a dictionary", () => {
  for (const count of [4, "2,4-6", "2-8:2:*", "3+", { min: 2 }]) {
    expect(() => check([slot(count)])).not.toThrow();
  }
  expect(() => check([slot(0)])).toThrow("count must be > 0");
  expect(() => check([slot("x")])).toThrow("must be a valid idset or range");
  expect(() => check([slot(null)])).toThrow("count must be an int or mapping");
});

test.each([
  [{ max: 2 }, "min must be in range"],
  [{ min: 0 }, "min must be > 0"],
  [{ min: 1.5 }, "min must be an int"],
  [{ min: 3, max: 2 }, "max must be >= min"],
  [{ min: 1, operator: "+" }, "operand and operator must both be in range"],
  [{ min: 1, operand: 1 }, "operand and operator must both be in range"],
  [{ min: 1, operand: 1, operator: "-" }, "operator must be one of"],
  [{ min: 1, operand: 1, operator: "++" }, "operator must be a single character"],
  [{ min: 1, operand: 1, operator: "*" }, "operand must be > 1"],
  [{ min: 1, operand: 2, operator: "^" }, "min must be > 1"],
  [{ min: 1, step: 2 }, "Extraneous key (step)"],
])("RFC 14 Resources: count %j is refused", (count, message) => {
  expect(() => check([slot(count)])).toThrow(message);
});

test("RFC 14 Resources: operators say which counts lie between min and max", () => {
  expect(countOf("2-9:3")).toEqual([2, 5, 8]);
  expect(countOf("2-20:2:*")).toEqual([2, 4, 8, 16]);
  expect(countOf("2-300:2:^")).toEqual([2, 4, 16, 256]);
  expect(parseCount({ min: 3 })).toEqual({ min: 3, max: Number.POSITIVE_INFINITY });
});

test("RFC 14 Resources: unit, label and id are strings, exclusive is a boolean", () => {
  for (const key of ["unit", "label", "id"]) {
    expect(() => check([{ type: "node", count: 1, [key]: 1 }])).toThrow(`${key} must be a string`);
  }
  expect(() => check([{ type: "node", count: 1, exclusive: "yes" }])).toThrow("must be a boolean");
});

test("RFC 14 Resources: with is a list of vertices", () => {
  expect(() => check([{ ...slot(), with: {} }])).toThrow("with must be a sequence");
  expect(() => check([slot(1, [{ type: "core" }])])).toThrow("count is a required key");
});

test("RFC 14 Reserved Resource Types: a slot must have a label", () => {
  expect(() => check([{ type: "slot", count: 1 }])).toThrow("slots must have labels");
});

test("RFC 14 Tasks: command, slot and count are required", () => {
  for (const key of ["command", "slot", "count"]) {
    const task: Record<string, unknown> = { command: ["a"], slot: "default", count: { total: 1 } };
    delete task[key];
    expect(() => check([slot()], { tasks: [task] })).toThrow(`Missing key (${key})`);
  }
});

test("RFC 14 Tasks: per_resource is a way to count tasks", () => {
  const count = { per_resource: { type: "core", count: 2 } };
  expect(() =>
    check([slot()], { tasks: [{ command: ["a"], slot: "default", count }] }),
  ).not.toThrow();
});

test("RFC 14 Attributes: only system and user", () => {
  expect(() => check([slot()], { attributes: { foo: {} } })).toThrow("Extraneous key (foo)");
  expect(() => check([slot()], { attributes: {} })).not.toThrow();
});

test("RFC 14 Attributes: unrecognized system attributes are no error", () => {
  expect(() => check([slot()], { attributes: { system: { future: 1 } } })).not.toThrow();
});

test("RFC 14 Attributes: a duration of zero is no limit, a negative one is none at all", () => {
  expect(jobShapeOf(fromCommand(["a"])).duration).toBe(0);
  expect(() => fromCommand(["a"], { duration: -1 })).toThrow("must not be negative");
});

test("RFC 14 Attributes: job name, shell options and files have their places", () => {
  const jobspec = fromCommand(["/bin/app"], { name: "n" });
  setAttribute(jobspec, "shell.options.verbose", 1);
  addFile(jobspec, "conf.json", { mode: 33152, data: {} });
  expect(jobspec.attributes.system).toMatchObject({
    job: { name: "n" },
    shell: { options: { verbose: 1 } },
    files: { "conf.json": { mode: 33152, data: {} } },
  });
});

test.each<[string, unknown[], object]>([
  ["1.1", [{ type: "node", count: 4, with: [slot()] }], { nnodes: 4, nslots: 4 }],
  ["1.2", [{ type: "node", count: { min: 3, max: 30 }, with: [slot()] }], { nnodes: 3, nslots: 3 }],
  [
    "1.3",
    [
      slot(4, [
        {
          type: "node",
          count: 1,
          with: [
            { type: "socket", count: { min: 2 }, with: [{ type: "core", count: { min: 4 } }] },
          ],
        },
      ]),
    ],
    { nnodes: 4, coresPerSlot: 4 },
  ],
  [
    "1.6",
    [
      {
        type: "cluster",
        count: 2,
        with: [{ type: "node", count: 3, with: [slot(1, [{ type: "core", count: 30 }])] }],
      },
    ],
    { nnodes: 6, nslots: 6, coresPerSlot: 30 },
  ],
  ["2.3", [slot(10, [{ type: "core", count: 2 }])], { nnodes: 0, nslots: 10, coresPerSlot: 2 }],
  [
    "2.5",
    [
      slot(10, [
        { type: "memory", count: { min: 2 }, unit: "GB" },
        { type: "core", count: 1 },
      ]),
    ],
    { nslots: 10, coresPerSlot: 1 },
  ],
])("RFC 14 Use Case %s has a shape", (_name, resources, shape) => {
  expect(jobShapeOf(check(resources as ResourceVertex[]))).toMatchObject(shape);
});
