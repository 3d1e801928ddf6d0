import { encodeDependency, parseDependency } from "@flux-ts/protocol/job/dependency";
import { fromCommand } from "@flux-ts/protocol/job/from-command";
import { setAttribute } from "@flux-ts/protocol/job/jobspec";
import { validateJobspec } from "@flux-ts/protocol/job/validate-jobspec";
import type { Json } from "@flux-ts/protocol/schema/json";
import { expect, test } from "vitest";

function withDependencies(dependencies: Json): Json {
  const jobspec = fromCommand(["app"]);
  setAttribute(jobspec, "dependencies", dependencies);
  return jobspec;
}

test("RFC 26 Representation: scheme and value are required, and strings", () => {
  expect(() => validateJobspec(withDependencies([{ value: "x" }]))).toThrow("Missing key (scheme)");
  expect(() => validateJobspec(withDependencies([{ scheme: "x" }]))).toThrow("Missing key (value)");
  expect(() => validateJobspec(withDependencies([{ scheme: 1, value: "" }]))).toThrow(
    "dependency scheme must be a string",
  );
  expect(() => validateJobspec(withDependencies([{ scheme: "x", value: 1 }]))).toThrow(
    "dependency value must be a string",
  );
});

test("RFC 26 Representation: other keys are the scheme's business", () => {
  const dependency = { scheme: "string", value: "foo", type: "out", scope: "user" };
  expect(() => validateJobspec(withDependencies([dependency]))).not.toThrow();
});

test("RFC 26 in jobspec: dependencies are an array", () => {
  const dependency = { scheme: "afterok", value: "ƒ2oLkTLb" };
  expect(() => validateJobspec(withDependencies(dependency))).toThrow("must be a list");
});

test("RFC 26 in jobspec: without dependencies the key is not there", () => {
  expect(fromCommand(["app"]).attributes.system).not.toHaveProperty("dependencies");
});

test.each([
  ["afterany:ƒ2oLkTLb", { scheme: "afterany", value: "ƒ2oLkTLb" }],
  ["string:foo?type=out", { scheme: "string", value: "foo", type: "out" }],
  [
    "fluid:hungry-hippos-white-elephant",
    { scheme: "fluid", value: "hungry-hippos-white-elephant" },
  ],
])("RFC 26 on command line: %s stands for %j", (text, dependency) => {
  expect(parseDependency(text)).toEqual(dependency);
  expect(encodeDependency(dependency)).toBe(text);
});

test.each(["&", ";"])("RFC 26 on command line: further keys follow %s", (delimiter) => {
  expect(parseDependency(`string:foo?type=in${delimiter}scope=global`)).toEqual({
    scheme: "string",
    value: "foo",
    type: "in",
    scope: "global",
  });
});
