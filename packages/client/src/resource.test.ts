import { toR } from "@flux-ts/protocol/resource/resource-set-json";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { Idset } from "@flux-ts/protocol/text/idset";
import { expect, test } from "vitest";
import { onlyRanks, ranksOf, schedResourcesOf } from "./resource.ts";

const set = (rank: string, core: string, nodelist: string): JsonObject => ({
  version: 1,
  execution: { R_lite: rank ? [{ rank, children: { core } }] : [], nodelist: [nodelist] },
});
const resources = schedResourcesOf({
  all: set("0-3", "0-1", "n[0-3]"),
  down: set("3", "0-1", "n3"),
  allocated: set("0-1", "0", "n[0-1]"),
});

test("what is neither down nor allocated is free", () => {
  expect(resources.up.dumps()).toBe("rank[0-2]/core[0-1]");
  expect(resources.free.dumps()).toBe("rank[0-1]/core1 rank2/core[0-1]");
});

test("resources can be limited to ranks", () => {
  expect(onlyRanks(resources, Idset.parse("1-2")).free.dumps()).toBe("rank1/core1 rank2/core[0-1]");
});

test("targets are ranks, or hosts of which unknown ones are passed over", () => {
  expect(ranksOf("1-9", resources.all).encode()).toBe("1-9");
  expect(ranksOf("n[2-5]", resources.all).encode()).toBe("2-3");
});

test("nothing at all is an empty set", () => {
  const none = set("", "", "");
  expect(toR(schedResourcesOf({ all: none, down: none, allocated: none }).free)).toMatchObject({
    execution: { R_lite: [] },
  });
});
