import { Idset } from "@flux-ts/protocol/text/idset";
import { expect, test } from "vitest";
import { HostMap } from "../host-map.ts";
import { DrainState } from "./drain-state.ts";
import { checkpointOf, replayEventlog, restoreCheckpoint, targetsNow } from "./replay.ts";

const hosts = HostMap.parse("n[0-3]");

function drain(timestamp: number, idset: string, nodelist: string, more = {}) {
  return { timestamp, name: "drain", context: { idset, nodelist, ...more } };
}

function undrain(timestamp: number, idset: string, nodelist: string) {
  return { timestamp, name: "undrain", context: { idset, nodelist } };
}

test("an eventlog is played in order", () => {
  const state = new DrainState(4);
  const log = [
    drain(1, "0-2", "n[0-2]", { reason: "a", overwrite: 0 }),
    { timestamp: 2, name: "resource-define", context: { method: "kvs" } },
    undrain(3, "1", "n1"),
    drain(4, "0", "n0", { reason: "b", overwrite: 2 }),
  ];
  replayEventlog(state, log, 0, hosts);
  expect(state.ranks.encode()).toBe("0,2");
  expect(state.infoOf(0)).toEqual({ timestamp: 4, reason: "b" });
  expect(state.infoOf(2)).toEqual({ timestamp: 1, reason: "a" });
});

test("events before the checkpoint are not played again", () => {
  const state = new DrainState(4);
  replayEventlog(state, [drain(1, "0", "n0"), drain(5, "1", "n1")], 5, hosts);
  expect(state.ranks.encode()).toBe("1");
});

test("a drained host stays drained when it has another rank", () => {
  expect(targetsNow("0-1", "n[2-3]", hosts).encode()).toBe("2-3");
  expect(targetsNow("0-1", "n0,gone", hosts).encode()).toBe("0");
});

test("of several brokers on a host the drained one stays drained", () => {
  expect(targetsNow("2", "a", HostMap.parse("a,a,a")).encode()).toBe("2");
});

test("an event that makes no sense is refused by its line", () => {
  const log = [drain(1, "0", "n0"), { timestamp: 2, name: "drain", context: { idset: "1" } }];
  expect(() => replayEventlog(new DrainState(4), log, 0, hosts)).toThrow(
    "line 2: drain parse error",
  );
});

test("a checkpoint restores the state it was made of", () => {
  const state = new DrainState(4);
  state.drain(Idset.of(1, 2), { timestamp: 10, reason: "a" }, 0);
  state.drain(Idset.of(3), { timestamp: 11, reason: undefined }, 0);
  const checkpoint = checkpointOf(state, hosts, 50);
  expect(checkpoint).toEqual({
    timestamp: 50,
    drain_state: {
      "1-2": { timestamp: 10, nodelist: "n[1-2]", reason: "a" },
      "3": { timestamp: 11, nodelist: "n3", reason: "" },
    },
  });
  const restored = new DrainState(4);
  restoreCheckpoint(restored, checkpoint, hosts);
  expect(restored.groups()).toEqual(state.groups());
});
