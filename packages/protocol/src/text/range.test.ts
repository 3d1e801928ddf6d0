import fc from "fast-check";
import { expect, test } from "vitest";
import { formatRange, parseRange, type Range, rangeValues } from "./range.ts";

const range: fc.Arbitrary<Range> = fc
  .tuple(
    fc.integer({ min: 2, max: 1e6 }),
    fc.option(fc.nat(1e6)),
    fc.integer({ min: 2, max: 100 }),
    fc.constantFrom("+", "*", "^"),
  )
  .map(([min, span, operand, operator]) => {
    return { min, max: span === null ? Infinity : min + span, operand, operator };
  });

test("a range can be read back from each of its texts", () => {
  fc.assert(
    fc.property(range, fc.boolean(), fc.boolean(), (value, brackets, full) => {
      expect(parseRange(formatRange(value, { brackets, full }))).toEqual(value);
    }),
  );
});

test("values ascend from min and do not pass max", () => {
  expect([...rangeValues(parseRange("1-10:3"))]).toEqual([1, 4, 7, 10]);
  expect([...rangeValues(parseRange("2-16:2:*"))]).toEqual([2, 4, 8, 16]);
  expect([...rangeValues(parseRange("2-300:2:^"))]).toEqual([2, 4, 16, 256]);
  expect([...rangeValues(parseRange("3-3"))]).toEqual([3]);
});

test("values without a max come to an end", () => {
  expect([...rangeValues(parseRange("2+:2:^"))].at(-1)).toBe(2 ** 32);
});
