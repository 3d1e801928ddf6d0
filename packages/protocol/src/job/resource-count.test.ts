import fc from "fast-check";
import { expect, test } from "vitest";
import {
  encodeRange,
  largestCount,
  parseCount,
  parseRangeText,
  scaledCount,
} from "./resource-count.ts";

const { POSITIVE_INFINITY } = Number;

test.each([
  ["4", 4, 4],
  ["2-5", 2, 5],
  ["[2-5]", 2, 5],
  ["2+", 2, POSITIVE_INFINITY],
  ["1-4:1:+", 1, 4],
  ["1-3,4", 1, 4],
])("count %s is every number of its range", (text, min, max) => {
  expect(parseCount(text)).toEqual({ min, max });
});

test.each([
  ["1,7-9", [1, 7, 8, 9]],
  ["1-9:4", [1, 5, 9]],
  ["3-30:2:*", [3, 6, 12, 24]],
  ["2-5:9", [2]],
])("count %s is %j", (text, values) => {
  expect([...parseCount(text).values!]).toEqual(values);
});

test("an unlimited range with a step ends where no machine is larger", () => {
  expect([...parseCount("2+:2:^").values!]).toEqual([2, 4, 16, 256, 65536]);
  expect(parseCount("1+:2").max).toBe(POSITIVE_INFINITY);
});

test.each(["", "0", "0-3", "01", "1-", "5-2", "1-5:0", "1-5:2:-", "a", "1,,0", "[1", "-1"])(
  "count %j is refused",
  (text) => {
    expect(() => parseCount(text)).toThrow();
  },
);

test("a count with more values than resources exist is refused, not listed", () => {
  expect(() => parseCount("1-2000000000:2")).toThrow("more than 65536 values");
  expect(parseCount("1-2000000000,2000000002").values!.size).toBe(2000000001);
  expect(() => scaledCount(parseCount("1-2000000000"), 2)).toThrow("more than 65536 values");
});

test("ranges are written in their shortest form", () => {
  for (const text of ["1-4", "1+", "1-5:2", "2-64:2:*", "2+:2:^"]) {
    expect(encodeRange(parseRangeText(text)!)).toBe(text);
  }
  expect(encodeRange(parseRangeText("1-5:1:+")!)).toBe("1-5");
  expect(parseRangeText("1,2")).toBeUndefined();
});

test("the largest count that is available", () => {
  expect(largestCount(parseCount("2-8:2:*"), 7)).toBe(4);
  expect(largestCount(parseCount("2-8"), 7)).toBe(7);
  expect(largestCount(parseCount("2+"), 1000)).toBe(1000);
  expect(largestCount(parseCount("2-8"), 1)).toBeUndefined();
  expect(largestCount(parseCount(4), 4)).toBe(4);
});

test("a scaled count accepts the multiples and nothing between", () => {
  expect(scaledCount(parseCount(2), 3)).toEqual({ min: 6, max: 6 });
  expect(scaledCount(parseCount("2+"), 3)).toEqual({ min: 6, max: POSITIVE_INFINITY });
  expect([...scaledCount(parseCount("2-4"), 3).values!]).toEqual([6, 9, 12]);
  expect([...scaledCount(parseCount("1,5"), 2).values!]).toEqual([2, 10]);
});

test("the largest count is acceptable, and none above it is", () => {
  const text = fc
    .tuple(fc.integer({ min: 2, max: 20 }), fc.nat({ max: 60 }), fc.integer({ min: 2, max: 5 }))
    .chain(([min, more, operand]) =>
      fc.constantFrom(`${min}-${min + more}:${operand}`, `${min}-${min + more}:${operand}:*`),
    );
  fc.assert(
    fc.property(text, fc.nat({ max: 100 }), (count, available) => {
      const range = parseCount(count);
      const values = [...range.values!];
      expect(largestCount(range, available)).toBe(values.findLast((v) => v <= available));
    }),
  );
});
