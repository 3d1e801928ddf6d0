import { parseDuration } from "@flux-ts/protocol/text/duration";
import { expect, test } from "vitest";

const invalid = "invalid Flux standard duration";

test.each([
  ["2ms", 0.002],
  ["0.1s", 0.1],
  ["30", 30],
  ["1.2h", 4320],
  ["5m", 300],
  ["0s", 0],
  ["5d", 432000],
  ["inf", Infinity],
  ["INF", Infinity],
  ["infinity", Infinity],
])("RFC 23 Test Vectors: %s is %d seconds", (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test("RFC 23: N ranges from 0 to infinity", () => {
  expect(parseDuration("0")).toBe(0);
  expect(parseDuration("1e308")).toBe(1e308);
  for (const text of ["-1", "-1s", "-inf", "nan"])
    expect(() => parseDuration(text)).toThrow(invalid);
});

test.each([
  ["1e3", 1000],
  ["1E-3h", 3.6],
  [".5", 0.5],
  ["5.", 5],
  ["+5", 5],
  [" 5", 5],
  ["0x10", 16],
  ["0x1p3", 8],
  ["0x1.8p1m", 180],
  ["0x1d", 29],
  ["0x.8", 0.5],
  ["1e-400", 0],
  ["1e400", Infinity],
])("RFC 23: N may have any form of strtod, such as %s", (text, seconds) => {
  expect(parseDuration(text)).toBe(seconds);
});

test.each(["", "s", ".", "x", "1e", "1_000", "1,5", "0x", "5 ", "five"])(
  "RFC 23: %j has no number",
  (text) => {
    expect(() => parseDuration(text)).toThrow(invalid);
  },
);

test.each(["5M", "5S", "5MS", "5H", "5D", "5w", "5 s", "5sm", "5us"])(
  "RFC 23: %s has no unit of the case-sensitive list",
  (text) => {
    expect(() => parseDuration(text)).toThrow(invalid);
  },
);

test("RFC 23: without a suffix, N is in seconds", () => {
  expect(parseDuration("90")).toBe(parseDuration("90s"));
});

test("RFC 23: infinity has no unit", () => {
  for (const text of ["infs", "infinityd", "1e400s"]) {
    expect(() => parseDuration(text)).toThrow(invalid);
  }
});
