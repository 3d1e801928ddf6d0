import { expect, test } from "vitest";
import { wrap } from "./wrap.ts";

test("lines end at blanks", () => {
  expect(wrap("one two  three\nfour", 9)).toEqual(["one two", "three", "four"]);
});

test("a hyphen between letters may end a line, others not", () => {
  expect(wrap("use --gpus-per-slot options", 17)).toEqual(["use --gpus-per-", "slot options"]);
  expect(wrap("about -x y-z 1-2", 9)).toEqual(["about -x", "y-z 1-2"]);
});

test("a longer word stays whole", () => {
  expect(wrap("a reallylongword b", 6)).toEqual(["a", "reallylongword", "b"]);
});
