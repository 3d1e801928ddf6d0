import { expect, test } from "vitest";
import { parseResourceShape } from "./resource-shape.ts";

test("children, labels and members", () => {
  expect(parseResourceShape("node=2{x}/slot=4{io,unit:GB}/[core=2;gpu]")).toEqual([
    {
      type: "node",
      count: 2,
      exclusive: true,
      with: [
        {
          type: "slot",
          count: 4,
          label: "io",
          unit: "GB",
          with: [
            { type: "core", count: 2 },
            { type: "gpu", count: 1 },
          ],
        },
      ],
    },
  ]);
});

test("a label may be any word, and blanks around words do not count", () => {
  expect(parseResourceShape("slot { x , a : 2 } / core")).toEqual([
    { type: "slot", count: 1, label: "x", a: 2, with: [{ type: "core", count: 1 }] },
  ]);
});

test.each([
  ["core='2'", "Invalid token ''' at position 5"],
  ["=2", "Invalid token '=' at position 0"],
  ["core=1-", "Invalid token '-' at position 6"],
  ["node{a:[1}", "Unclosed bracket in position 7"],
  ["node{a:[b]}", "Invalid array at position 7"],
  ["node{a:[1,2]]}", "Mismatched brackets starting at position 12."],
  ["node{__proto__:1}", "Invalid key '__proto__'"],
])("%j is refused", (text, message) => {
  expect(() => parseResourceShape(text)).toThrow(message);
});

test("nesting that no machine needs is refused", () => {
  expect(() => parseResourceShape("a/".repeat(200))).toThrow("nested too deeply at position");
  expect(() => parseResourceShape(`node{${"a:{".repeat(200)}`)).toThrow("nested too deeply");
});
