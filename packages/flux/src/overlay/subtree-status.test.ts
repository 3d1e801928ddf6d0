import { expect, test } from "vitest";
import { combinedStatus, isOnline, SubtreeStatus, statusName, statusOf } from "./subtree-status.ts";

const { Unknown, Full, Partial, Degraded, Lost, Offline } = SubtreeStatus;

test("a leaf is full, and so is a broker whose children all are", () => {
  expect(combinedStatus([])).toBe(Full);
  expect(combinedStatus([Full, Unknown, Full])).toBe(Full);
});

test("a child that is partial or offline makes partial, one that is degraded or lost degraded", () => {
  expect(combinedStatus([Full, Offline])).toBe(Partial);
  expect(combinedStatus([Partial, Full])).toBe(Partial);
  expect(combinedStatus([Offline, Lost])).toBe(Degraded);
  expect(combinedStatus([Degraded, Partial])).toBe(Degraded);
});

test("numbers, names and who is online are those of flux-core", () => {
  expect([0, 1, 2, 3, 4, 5].map((value) => statusName(statusOf(value)))).toEqual([
    "unknown",
    "full",
    "partial",
    "degraded",
    "lost",
    "offline",
  ]);
  expect([Unknown, Full, Partial, Degraded, Lost, Offline].filter(isOnline)).toEqual([
    Full,
    Partial,
    Degraded,
  ]);
  expect(statusOf(17)).toBe(Unknown);
});
