import { expect, test } from "vitest";
import type { Json } from "../schema/json.ts";
import { fromCommand } from "./from-command.ts";
import { setAttribute } from "./jobspec.ts";
import { validateJobspec } from "./validate-jobspec.ts";

function constrained(constraints: Json): Json {
  const jobspec = fromCommand(["app"]);
  setAttribute(jobspec, "constraints", constraints);
  return jobspec;
}

test.each([[], null, 3, "x"])("%j is no jobspec", (value) => {
  expect(() => validateJobspec(value)).toThrow("jobspec must be a mapping");
});

test("version 1 is required unless any will do", () => {
  const jobspec = { ...fromCommand(["app"]), version: 2 };
  expect(() => validateJobspec(jobspec)).toThrow("version must be 1");
  expect(() => validateJobspec(jobspec, { requireVersion: "any" })).not.toThrow();
  expect(() => validateJobspec({ ...jobspec, version: 0 }, { requireVersion: "any" })).toThrow(
    "version must be >= 1",
  );
  expect(() => validateJobspec({ ...jobspec, version: "2" }, { requireVersion: "any" })).toThrow(
    "version must be an integer",
  );
});

test.each([
  [{ properties: [1] }, "argument to constraint properties must be strings"],
  [{ ranks: ["3-1"] }, "error parsing range '3-1'"],
  [{ hostlist: ["a[0-"] }, "hostlist"],
  [{ hostlist: "abc" }, "argument to constraint hostlist must be a sequence"],
])("constraint %j is refused", (constraint, message) => {
  expect(() => validateJobspec(constrained(constraint))).toThrow(message);
});

test("hosts in a constraint exist, where it is known which do", () => {
  const jobspec = constrained({ or: [{ hostlist: ["n[0-1]"] }] });
  expect(() => validateJobspec(jobspec)).not.toThrow();
  expect(() => validateJobspec(jobspec, { isHost: (host) => host === "n0" })).toThrow(
    "host constraint contains invalid hosts: host 'n1' not found",
  );
});

test("depth is bounded", () => {
  let constraint: Json = {};
  for (let i = 0; i < 200; i++) constraint = { not: [constraint] };
  expect(() => validateJobspec(constrained(constraint))).toThrow("nested too deeply");
  let resource: Json = { type: "core", count: 1 };
  for (let i = 0; i < 200; i++) resource = { type: "rack", count: 1, with: [resource] };
  expect(() => validateJobspec({ ...fromCommand(["app"]), resources: [resource] })).toThrow(
    "nested too deeply",
  );
});

test("a dependency is an object", () => {
  const jobspec = fromCommand(["app"]);
  setAttribute(jobspec, "dependencies", ["afterok:f1"]);
  expect(() => validateJobspec(jobspec)).toThrow("dependency must be a mapping");
});
