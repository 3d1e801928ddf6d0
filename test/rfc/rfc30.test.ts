import { defaultPriority, isUrgency, Priority, Urgency } from "@flux-ts/protocol/job/urgency";
import { expect, test } from "vitest";

test("RFC 30 Implementation: urgency is an integer from 0 through 31", () => {
  expect([0, 16, 31].every(isUrgency)).toBe(true);
  expect([-1, 32, 1.5].some(isUrgency)).toBe(false);
});

test("RFC 30 Implementation: guests may set up to 16", () => {
  expect(Urgency.GUEST_MAX).toBe(16);
});

test("RFC 30 Implementation: the default is 16", () => {
  expect(Urgency.DEFAULT).toBe(16);
});

test("RFC 30 Implementation: 0 holds a job, at the lowest priority", () => {
  expect(Urgency.HOLD).toBe(0);
  expect(defaultPriority(Urgency.HOLD)).toBe(Priority.MIN);
});

test("RFC 30 Implementation: 31 expedites a job, at the highest priority", () => {
  expect(Urgency.EXPEDITE).toBe(31);
  expect(defaultPriority(Urgency.EXPEDITE)).toBe(Priority.MAX);
});
