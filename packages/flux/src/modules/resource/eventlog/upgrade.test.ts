import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { expect, test } from "vitest";
import { HostMap } from "../host-map.ts";
import { upgradeEventlog } from "./upgrade.ts";

const hosts = HostMap.parse("n[0-3]");
const event = (timestamp: number, name: string, context: JsonObject = {}): EventlogEntry => ({
  timestamp,
  name,
  context,
});

test("an eventlog of today is left alone", () => {
  expect(upgradeEventlog([event(1, "drain", { idset: "0" })], hosts, () => {})).toBeUndefined();
});

test("the last summary becomes events, and what came before it goes", () => {
  const warnings: string[] = [];
  const init = { drain: { "2": { timestamp: 8, reason: "b" }, "0-1": { timestamp: 7 } } };
  const log = [
    event(1, "resource-init", { drain: {} }),
    event(2, "drain", { idset: "3" }),
    event(9, "resource-init", init),
    event(9, "resource-define", { method: "configuration" }),
    event(9, "online", { idset: "0-3" }),
    event(10, "undrain", { idset: "0" }),
  ];
  expect(upgradeEventlog(log, hosts, (text) => warnings.push(text))).toEqual([
    event(7, "drain", { idset: "0-1", nodelist: "n[0-1]" }),
    event(8, "drain", { idset: "2", nodelist: "n2", reason: "b" }),
    event(9, "resource-define", { method: "configuration" }),
    event(10, "undrain", { idset: "0", nodelist: "n0" }),
  ]);
  expect(warnings).toEqual([]);
});

test("changes of ranks that no longer exist are dropped", () => {
  const warnings: string[] = [];
  const init = { drain: { "9": { timestamp: 1713906351, reason: "gone" } } };
  const log = [
    event(9, "resource-init", init),
    event(10, "drain", { idset: "8" }),
    event(11, "drain"),
  ];
  expect(upgradeEventlog(log, hosts, (text) => warnings.push(text))).toEqual([]);
  expect(warnings).toEqual([
    "dropping old drain data with invalid ranks (ranks=9 timestamp=2024-04-23T21:05:51Z UTC reason=gone)",
    "dropping old drain event with invalid ranks (ranks=8 timestamp=1970-01-01T00:00:10Z UTC reason=)",
    "dropping old drain event with invalid context",
  ]);
});
