import { expect, test } from "vitest";
import { deleteDotted, dottedValue, setDotted } from "./dotted-path.ts";

test("setting makes the objects along the path", () => {
  const object = { a: { b: 1 } };
  setDotted(object, "a.c.d", [2]);
  setDotted(object, "e", null);
  expect(object).toEqual({ a: { b: 1, c: { d: [2] } }, e: null });
  expect(dottedValue(object, "a.c.d")).toEqual([2]);
  expect(dottedValue(object, "a.x.d")).toBeUndefined();
  expect(dottedValue(object, "a.b.c")).toBeUndefined();
  expect(dottedValue(object, "toString")).toBeUndefined();
});

test("what is not an object is not replaced on the way", () => {
  expect(() => setDotted({ a: 1 }, "a.b", 2)).toThrow("failed to set a.b: a is not an object");
});

test("prototypes are out of reach", () => {
  expect(() => setDotted({}, "__proto__.x", 1)).toThrow("reserved name");
  expect(() => setDotted({}, "a.__proto__", 1)).toThrow("reserved name");
  const object = {};
  setDotted(object, "constructor.prototype", 1);
  expect(object).toEqual({ constructor: { prototype: 1 } });
});

test("deleting what is not there is no error", () => {
  const object = { a: { b: 1, c: 2 }, d: 3 };
  deleteDotted(object, "a.b");
  deleteDotted(object, "x.y");
  deleteDotted(object, "d");
  expect(object).toEqual({ a: { c: 2 } });
});
