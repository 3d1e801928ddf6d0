import { expect, test } from "vitest";
import { sliceOf } from "./slice.ts";

const items = ["a", "b", "c", "d", "e"];

test.each([
  ["[:]", "abcde"],
  ["[1:3]", "bc"],
  ["[:2]", "ab"],
  ["[-2:]", "de"],
  ["[:-1]", "abcd"],
  ["[::2]", "ace"],
  ["[::-1]", "edcba"],
  ["[3:0:-1]", "dcb"],
  ["[10:]", ""],
  ["[-100:2]", "ab"],
  [" [0:1] ", "a"],
])("%s of abcde is %s, as in Python", (slice, expected) => {
  expect(sliceOf(items, slice).join("")).toBe(expected);
});

test.each(["", "[]", "[1]", "1:2", "[a:b]", "[::0]", "[1:2:3:4]"])("%s is refused", (slice) => {
  expect(() => sliceOf(items, slice)).toThrow("could not parse python-style slice expression");
});
