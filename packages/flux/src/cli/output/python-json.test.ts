import { expect, test } from "vitest";
import { Real } from "./format-value.ts";
import { pythonJson } from "./python-json.ts";

test("blanks after separators, ASCII only, reals with a point, integers of any size", () => {
  expect(pythonJson({ id: 9007199254740993n, t: new Real(1), name: "ƒ", list: [1, null] })).toBe(
    '{"id": 9007199254740993, "t": 1.0, "name": "\\u0192", "list": [1, null]}',
  );
});

test("members without a value are left out", () => {
  expect(pythonJson({ a: undefined, b: true })).toBe('{"b": true}');
});
