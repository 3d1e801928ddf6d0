import { expect, test } from "vitest";
import { Children } from "./children.ts";
import { SubtreeStatus } from "./subtree-status.ts";

test("a child is found by uuid while it is online", () => {
  const children = new Children(
    [
      [1, 0],
      [2, 3],
    ],
    0,
  );
  const child = children.byRank(2)!;
  expect(child).toMatchObject({ descendants: 3, status: SubtreeStatus.Offline, lastSeen: 0 });
  children.identify(child, "u", "u", 4);
  expect(children.byUuid("u")).toBeUndefined();
  expect(children.setStatus(child, SubtreeStatus.Partial, 5)).toBe(true);
  expect(children.byUuid("u")).toBe(child);
  expect([children.size, children.onlineCount]).toEqual([2, 1]);
  expect(children.setStatus(child, SubtreeStatus.Lost, 9, "lost connection")).toBe(true);
  expect(children.byUuid("u")).toBeUndefined();
  expect(child).toMatchObject({ statusSince: 9, error: "lost connection" });
});

test("the same status again changes nothing", () => {
  const children = new Children([[1, 0]], 0);
  const child = children.byRank(1)!;
  children.identify(child, "u", "u", 1);
  children.setStatus(child, SubtreeStatus.Full, 1);
  expect(children.setStatus(child, SubtreeStatus.Full, 7)).toBe(false);
  expect(child.statusSince).toBe(1);
});
