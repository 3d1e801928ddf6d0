import { expect, test } from "vitest";
import { Children } from "./children.ts";
import { needsHeartbeat, type TorpidChange, torpidChanges } from "./liveness.ts";
import { SubtreeStatus } from "./subtree-status.ts";

const settings = { torpidMin: 5, torpidMax: 30 };

function oneChild(lastSeen: number): Children {
  const children = new Children([[1, 0]], 0);
  const child = children.byRank(1)!;
  children.identify(child, "u", "u", lastSeen);
  children.setStatus(child, SubtreeStatus.Full, 0);
  return children;
}

function apply(changes: TorpidChange[]): [isTorpid: boolean, silent: number][] {
  for (const { child, isTorpid } of changes) child.isTorpid = isTorpid;
  return changes.map(({ isTorpid, silent }) => [isTorpid, silent]);
}

test("a heartbeat is due after more than torpid_min of silence", () => {
  expect(needsHeartbeat(settings, 10, 15)).toBe(false);
  expect(needsHeartbeat(settings, 10, 15.1)).toBe(true);
});

test("a child is torpid from torpid_max on, once, until it is heard again", () => {
  const children = oneChild(100);
  expect(apply(torpidChanges(settings, children.online, 129.9))).toEqual([]);
  expect(apply(torpidChanges(settings, children.online, 130))).toEqual([[true, 30]]);
  expect(apply(torpidChanges(settings, children.online, 140))).toEqual([]);
  children.byRank(1)!.lastSeen = 141;
  expect(apply(torpidChanges(settings, children.online, 142))).toEqual([[false, 1]]);
});

test("torpid_max 0 calls nobody torpid, and wakes those who were", () => {
  const children = oneChild(1);
  expect(apply(torpidChanges(settings, children.online, 100))).toEqual([[true, 99]]);
  const off = { torpidMin: 5, torpidMax: 0 };
  expect(apply(torpidChanges(off, children.online, 101))).toEqual([[false, 100]]);
  expect(apply(torpidChanges(off, children.online, 1e6))).toEqual([]);
});
