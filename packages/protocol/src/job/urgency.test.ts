import { expect, test } from "vitest";
import { defaultPriority, parseUrgency, urgencyText } from "./urgency.ts";

test.each([
  ["hold", 0],
  ["default", 16],
  ["expedite", 31],
  ["0", 0],
  ["31", 31],
])("urgency %s is %d", (text, urgency) => {
  expect(parseUrgency(text)).toBe(urgency);
});

test.each(["", "32", "-1", "1.5", "Hold", "toString", "0x1"])("%j is no urgency", (text) => {
  expect(() => parseUrgency(text)).toThrow(`urgency '${text}' is not hold`);
});

test("tools report the special urgencies in words", () => {
  expect([0, 16, 31].map(urgencyText)).toEqual(["job held", "16", "job expedited"]);
});

test("without a priority plugin, priority is urgency except at its ends", () => {
  expect([0, 16, 31].map(defaultPriority)).toEqual([0, 16, 4294967295]);
});
