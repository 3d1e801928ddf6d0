import { expect, test } from "vitest";
import { jobSizeOf, parseSize, sizeByTask } from "./job-size.ts";

test("no size option is one task with one core", () => {
  expect(jobSizeOf({})).toEqual({
    resources: [{ type: "slot", count: 1, with: [{ type: "core", count: 1 }], label: "task" }],
    taskCount: { per_slot: 1 },
  });
});

test("nodes alone are whole nodes with a task each", () => {
  expect(jobSizeOf({ nodes: 2 }).resources).toMatchObject([
    { type: "node", count: 2, exclusive: true, with: [{ type: "slot", count: 1 }] },
  ]);
});

test.each([
  [{ nodes: 4, ntasks: 2 }, "node count must not be greater than task count"],
  [
    { cores: 4, ntasks: 2 },
    "Per-resource options can't be used with per-task options. (See --help for details)",
  ],
  [{ exclusive: true }, "exclusive can only be set with a node count"],
])("options %j contradict each other", (options, message) => {
  expect(() => jobSizeOf(options)).toThrow(message);
});

test.each([
  ["3", 3],
  [" -1 ", -1],
  ["", undefined],
  [undefined, undefined],
])("the text %j is the size %j", (text, size) => {
  expect(parseSize("ntasks", text)).toBe(size);
});

test.each(["foo", "1.5", "0x1", "1e3"])("the text %j is no size", (text) => {
  expect(() => parseSize("ntasks", text)).toThrow(`--ntasks: invalid int value '${text}'`);
});

test("fractions are refused", () => {
  expect(() => sizeByTask({ ntasks: 1.5 })).toThrow("task count must be a integer >= 1");
});
