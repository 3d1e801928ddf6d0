import { expect, test } from "vitest";
import { mergeObjects, withJsonAt, withoutMember, withUpdates } from "./json-path.ts";

test("a change makes new objects along the path and leaves the rest shared", () => {
  const object = { a: { b: { c: 1 } }, d: { e: 2 } };
  const changed = withJsonAt(object, "a.b.c", 3);
  expect(changed).toEqual({ a: { b: { c: 3 } }, d: { e: 2 } });
  expect(object.a.b.c).toBe(1);
  expect(changed.d).toBe(object.d);
});

test("objects missing along the path are made", () => {
  expect(withUpdates({}, { "a.b": 1, "a.c": 2 })).toEqual({ a: { b: 1, c: 2 } });
});

test("an object without the member is returned itself", () => {
  const object = { a: 1 };
  expect(withoutMember(object, "b")).toBe(object);
  expect(withoutMember(object, "a")).toEqual({});
});

test("merging goes into objects; null removes; what becomes empty vanishes", () => {
  const merged = mergeObjects({ a: { b: 1, c: 2 }, d: 3 }, { a: { b: null, e: { f: null } } });
  expect(merged).toEqual({ a: { c: 2 }, d: 3 });
  expect(mergeObjects({ a: { b: 1 } }, { a: { b: null } })).toBeUndefined();
});
