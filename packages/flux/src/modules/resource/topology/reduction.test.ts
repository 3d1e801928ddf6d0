import { parseR } from "@flux-ts/protocol/resource/resource-set-json";
import { expect, test } from "vitest";
import { Reduction } from "./reduction.ts";

const set = (rank: string) =>
  parseR({ version: 1, execution: { R_lite: [{ rank, children: { core: "0-1" } }] } });

test("a broker without children is complete at once", () => {
  expect(new Reduction(set("0"), 0).isComplete).toBe(true);
});

test("resources are complete when all below have reported", () => {
  const reduction = new Reduction(set("0"), 3);
  expect(reduction.onReport(2, set("1,3"))).toBe(false);
  expect(reduction.onReport(1, set("2"))).toBe(true);
  expect(reduction.count).toBe(4);
  expect(reduction.resources.dumps()).toBe("rank[0-3]/core[0-1]");
});

test("a child that reports twice counts once", () => {
  const reduction = new Reduction(set("0"), 2);
  reduction.onReport(1, set("1"));
  expect(reduction.onReport(1, set("1"))).toBe(false);
  expect(reduction.count).toBe(2);
});
