import fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, formatDurationShort, parseDuration } from "./duration.ts";

test("what the long form says is the duration, to six digits", () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), (seconds) => {
      const read = parseDuration(formatDuration(seconds));
      expect(Math.abs(read - seconds)).toBeLessThanOrEqual(seconds * 1e-5);
    }),
  );
});

// As flux-core 0.88 prints them: its C programs, `flux uptime`, its Python programs.
test.each([
  [0, "0s", "0s", "0s"],
  [0.0005, "0.5ms", "0.5ms", "0s"],
  [0.0625, "62.5ms", "62ms", "0.062s"],
  [0.1, "0.1s", "0.1s", "0.100s"],
  [9.9999, "9.9999s", "10s", "10.000s"],
  [12.625, "12.625s", "13s", "12.62s"],
  [59.999, "59.999s", "60s", "60s"],
  [90, "1.5m", "1.5m", "1.5m"],
  [4320, "1.2h", "1.2h", "1.2h"],
  [123456, "1.42889d", "1.4d", "1.429d"],
  [86400 * 1234565, "1.23456e+06d", "1.2e+06d", "1.235e+06d"],
  [Infinity, "infinity", "infinity", "inf"],
])("%d seconds", (seconds, long, brief, table) => {
  expect(formatDuration(seconds)).toBe(long);
  expect(formatDuration(seconds, 2)).toBe(brief);
  expect(formatDurationShort(seconds)).toBe(table);
});

test("a number without unit is in the unit the caller says", () => {
  expect(parseDuration("90", "m")).toBe(5400);
  expect(parseDuration("90s", "m")).toBe(90);
  expect(parseDuration("inf", "m")).toBe(Infinity);
});

test("what is no duration has no text", () => {
  expect(() => formatDuration(-1)).toThrow("-1 is no duration");
  expect(() => formatDurationShort(Number.NaN)).toThrow("NaN is no duration");
});
