import { expect, test } from "vitest";
import { fromCommand } from "./from-command.ts";

test("a plain command", () => {
  expect(fromCommand(["hostname"])).toEqual({
    resources: [{ type: "slot", count: 1, with: [{ type: "core", count: 1 }], label: "task" }],
    tasks: [{ command: ["hostname"], slot: "task", count: { per_slot: 1 } }],
    attributes: { system: { duration: 0, environment: {} } },
    version: 1,
  });
});

test("the caller's environment is copied", () => {
  const environment = { A: "1" };
  const jobspec = fromCommand(["app"], { environment });
  environment.A = "2";
  expect(jobspec.attributes.system.environment).toEqual({ A: "1" });
});

test("empty sets of limits and templates are not written", () => {
  const jobspec = fromCommand(["app"], { rlimits: {}, environmentTemplates: {} });
  expect(jobspec.attributes.system.shell).toBeUndefined();
});

test("a command must be there, and its time limit be one", () => {
  expect(() => fromCommand([])).toThrow("job command and arguments are missing");
  expect(() => fromCommand(["a"], { duration: Number.NaN })).toThrow("normal, finite value");
  expect(() => fromCommand(["a"], { duration: -1 })).toThrow("must not be negative");
});
