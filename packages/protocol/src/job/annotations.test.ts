import { expect, test } from "vitest";
import { mergeAnnotations } from "./annotations.ts";

test("members are merged, nulls remove them, and what becomes empty vanishes", () => {
  const old = { sched: { queue: "batch" }, user: { memo: { a: 1, b: 2 } } };
  expect(mergeAnnotations(old, { user: { memo: { a: null, c: 3 } } })).toEqual({
    sched: { queue: "batch" },
    user: { memo: { b: 2, c: 3 } },
  });
  expect(mergeAnnotations(old, { sched: { queue: null }, user: null })).toBeUndefined();
  expect(mergeAnnotations(undefined, { user: { a: null } })).toBeUndefined();
  expect(mergeAnnotations({ user: 5 }, { user: { a: 1 } })).toEqual({ user: { a: 1 } });
});

test("neither the annotations nor the update are changed", () => {
  const old = Object.freeze({ user: Object.freeze({ a: 1 }) });
  const update = Object.freeze({ user: Object.freeze({ b: 2 }) });
  expect(mergeAnnotations(old, update)).toEqual({ user: { a: 1, b: 2 } });
});
