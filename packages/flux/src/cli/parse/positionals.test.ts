import { expect, test } from "vitest";
import { assignPositionals, plainName } from "./positionals.ts";

test("required, optional and repeated arguments get what is theirs", () => {
  const declared = { id: "ID", more: "[MORE...]" };
  expect(assignPositionals(declared, ["a"])).toEqual({ values: { id: "a", more: [] } });
  expect(assignPositionals(declared, ["a", "b", "c"])).toEqual({
    values: { id: "a", more: ["b", "c"] },
  });
  expect(assignPositionals({ ids: "ID...", key: "KEY" }, ["1", "2", "k"])).toEqual({
    values: { ids: ["1", "2"], key: "k" },
  });
  expect(assignPositionals({ a: "[A]", b: "B" }, ["x"])).toEqual({
    values: { a: undefined, b: "x" },
  });
});

test("too few and too many are told by name", () => {
  expect(assignPositionals({ id: "ID", key: "KEY" }, ["a"])).toEqual({ missing: ["KEY"] });
  expect(assignPositionals({ id: "ID" }, ["a", "b", "c"])).toEqual({ extra: ["b", "c"] });
});

test("a name without its punctuation", () => {
  expect(plainName("[JOBID...]")).toBe("JOBID");
  expect(plainName("KEY")).toBe("KEY");
});
