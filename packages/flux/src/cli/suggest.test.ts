import { expect, test } from "vitest";
import { similarNames } from "./suggest.ts";

test("only the nearest names are suggested, three at most", () => {
  expect(similarNames("modole", ["module", "mode", "ping"])).toEqual(["module"]);
  expect(similarNames("fafa", ["mama", "dada", "baba", "lala"])).toEqual(["mama", "dada", "baba"]);
});

test("a name that begins with what was given comes nearer", () => {
  expect(similarNames("bee", ["mee", "beef"])).toEqual(["beef"]);
  expect(similarNames("awesome1", ["awesome2.1", "awesome1.1", "awesome1.23456"])).toEqual([
    "awesome1.1",
    "awesome1.23456",
  ]);
});

test("what is more than three edits away is not meant", () => {
  expect(similarNames("resouurrccee", ["resource"])).toEqual([]);
});
