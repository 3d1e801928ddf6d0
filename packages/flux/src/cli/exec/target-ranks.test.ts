import { Idset } from "@flux-ts/protocol/text/idset";
import { expect, test } from "vitest";
import { targetRanks } from "./target-ranks.ts";

const all = Idset.range(0, 3);
const choose = (include: string, exclude?: string, from = all, isRelative = false): string =>
  targetRanks(from, { include, exclude, isRelative }).toString();

test("all ranks, or those that are named", () => {
  expect(choose("all")).toBe("0-3");
  expect(choose("0,2-3")).toBe("0,2-3");
});

test("excluded ranks are left out, unknown ones among them do not matter", () => {
  expect(choose("all", "1,9")).toBe("0,2-3");
});

test("ranks of a job are chosen by their position", () => {
  const job = Idset.parse("2,5-6");
  expect(choose("0-1", undefined, job, true)).toBe("2,5");
  expect(choose("all", "1", job, true)).toBe("2,6");
});

test("ranks that are not there are refused", () => {
  expect(() => choose("4")).toThrow("One or more invalid --ranks specified: 4");
  expect(() => choose("3-")).toThrow("failed to decode idset '3-': Invalid argument");
  expect(() => choose("all", "x")).toThrow("error decoding --exclude idset: Invalid argument");
});

test("no rank is an error", () => {
  expect(() => choose("all", "0-3")).toThrow("No targets specified");
});
