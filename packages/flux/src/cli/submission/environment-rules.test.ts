import { expect, test } from "vitest";
import { applyRules } from "./environment-rules.ts";

const caller = { PATH: "/bin", HOME: "/home/me", OMP_NUM: "4", OMP_BIND: "core" };
const none = (): string => {
  throw Object.assign(new Error("no such file"), { errno: -2, code: "ENOENT" });
};
const rules = (...given: string[]) => applyRules(given, caller, none);

test("without rules a job gets the caller's environment", () => {
  expect(rules().environment).toEqual(caller);
});

test("rules apply in order: remove, copy again, set", () => {
  expect(rules("-*", "PATH", "A=1").environment).toEqual({ PATH: "/bin", A: "1" });
  expect(rules("A=1", "-*").environment).toEqual({});
});

test("patterns are globs, or regular expressions after a slash", () => {
  expect(Object.keys(rules("-OMP_*").environment)).toEqual(["PATH", "HOME"]);
  expect(Object.keys(rules("-/^(PATH|HOME)$/").environment)).toEqual(["OMP_NUM", "OMP_BIND"]);
});

test("a value may use variables of the job's environment or the caller's", () => {
  expect(rules("PATH=/my:$PATH").environment.PATH).toBe("/my:/bin");
  const { environment } = rules("-*", `X=$\{HOME}/$$y`, "Z=$X");
  expect(environment).toEqual({ X: "/home/me/$y", Z: "/home/me/$y" });
  expect(() => rules("X=$NOSUCH")).toThrow("--env: Variable 'NOSUCH' not found in X=$NOSUCH");
});

test("what the job shell has to expand is kept apart", () => {
  expect(rules("-*", "T={{tmpdir}}/x")).toEqual({
    environment: {},
    templates: { T: "{{tmpdir}}/x" },
  });
});

test("rules may come from a file; one that is not there is named", () => {
  const result = applyRules(["^~/rules"], caller, (path) =>
    path === "/home/me/rules" ? "-*\nA=1\n" : none(),
  );
  expect(result.environment).toEqual({ A: "1" });
  expect(() => rules("^/nosuch")).toThrow("--env: [Errno 2] No such file or directory: '/nosuch'");
});
