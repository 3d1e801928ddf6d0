import { expect, test } from "vitest";
import { quorumSize } from "./quorum.ts";

const silent = (): void => {};

test("a quorum is a number up to the size", () => {
  expect(quorumSize(undefined, 4, silent)).toBe(4);
  expect(quorumSize("3", 4, silent)).toBe(3);
  for (const bad of ["5", "-1", "x", "9-10", "", "1.5"]) {
    expect(() => quorumSize(bad, 4, silent), bad).toThrow("Error parsing broker.quorum attribute");
  }
});

test("the older idset form counts its ranks, with a warning", () => {
  const warnings: string[] = [];
  expect(quorumSize("0", 4, (text) => warnings.push(text))).toBe(1);
  expect(quorumSize("0-1", 4, (text) => warnings.push(text))).toBe(2);
  expect(warnings).toHaveLength(2);
});
