import { expect, test } from "vitest";
import { parseDateTime } from "./datetime.ts";

/** 2026-11-22 12:00:00, a Sunday, local time. */
const noon = new Date(2026, 10, 22, 12).getTime() / 1000;
const at = (month: number, day: number, hour = 0, minute = 0): number =>
  new Date(2026, month - 1, day, hour, minute).getTime() / 1000;
const parse = (text: string) => parseDateTime(text, noon);

test("now, and durations from it", () => {
  expect(parse("now")).toBe(noon);
  expect(parse("+1h")).toBe(noon + 3600);
  expect(parse("-2d")).toBe(noon - 172_800);
  expect(parse("in 2 hours")).toBe(noon + 7200);
  expect(parse("5 minutes ago")).toBe(noon - 300);
});

test("dates and times", () => {
  expect(parse("2026-11-23")).toBe(at(11, 23));
  expect(parse("2026-11-23 15:30")).toBe(at(11, 23, 15, 30));
  expect(parse("2026-11-23T15:30:00Z")).toBe(Date.UTC(2026, 10, 23, 15, 30) / 1000);
  expect(parse("3pm")).toBe(at(11, 22, 15));
  expect(parse("tomorrow 8:30")).toBe(at(11, 23, 8, 30));
});

test("what is not understood is no time", () => {
  expect(parse("foo")).toBeUndefined();
  expect(parse("+foo")).toBeUndefined();
  expect(parse("")).toBeUndefined();
});
