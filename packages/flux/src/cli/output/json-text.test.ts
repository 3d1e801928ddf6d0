import { expect, test } from "vitest";
import { indentJson, spaceJson } from "./json-text.ts";

test("numbers and texts stay as they were written", () => {
  expect(spaceJson('{"a":[1.0,2],"b":"x,y:z"}')).toBe('{"a": [1.0, 2], "b": "x,y:z"}');
});

test("a level is indented, and what is empty stays on its line", () => {
  expect(indentJson('{"a":[1.0],"b":{},"c":[]}', 2)).toBe(
    '{\n  "a": [\n    1.0\n  ],\n  "b": {},\n  "c": []\n}',
  );
});
