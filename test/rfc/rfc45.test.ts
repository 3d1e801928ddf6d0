import { formatRange, parseRange } from "@flux-ts/protocol/text/range";
import { expect, test } from "vitest";

const invalid = (text: string) => expect(() => parseRange(text)).toThrow(`invalid range '${text}'`);

test("RFC 45: a full range with a maximum is min-max:operand:operator", () => {
  const range = { min: 2, max: 16, operand: 2, operator: "*" } as const;
  expect(parseRange("2-16:2:*")).toEqual(range);
  expect(formatRange(range, { full: true })).toBe("2-16:2:*");
});

test("RFC 45: a full range without a maximum is min+:operand:operator", () => {
  const range = { min: 3, max: Infinity, operand: 2, operator: "^" } as const;
  expect(parseRange("3+:2:^")).toEqual(range);
  expect(formatRange(range, { full: true })).toBe("3+:2:^");
});

test("RFC 45: numbers are decimal without leading zeroes", () => {
  for (const text of ["01-2", "1-02", "1-2:01", "0x1-2", "1.5-2", "1e1-20", "0-3"]) invalid(text);
});

test("RFC 45: the operator is a single character without quotes", () => {
  for (const text of ["1-5:2:'+'", "1-5:2:++", "1-5:2:"]) invalid(text);
});

test("RFC 45: the addition operator may be omitted", () => {
  expect(parseRange("1-5:2")).toEqual(parseRange("1-5:2:+"));
  expect(formatRange(parseRange("1-5:2:+"))).toBe("1-5:2");
});

test("RFC 45: addition of one may be omitted as a whole", () => {
  expect(parseRange("1-4")).toEqual(parseRange("1-4:1:+"));
  expect(formatRange(parseRange("1-4:1:+"))).toBe("1-4");
  expect(formatRange(parseRange("100+"), { full: true })).toBe("100+:1:+");
});

test("RFC 45: square brackets may surround a range", () => {
  for (const text of ["[1-4:2]", "[2-4:2:*]", "[100+]"]) {
    expect(formatRange(parseRange(text), { brackets: true })).toBe(text);
  }
  for (const text of ["[1-4", "1-4]", "[[1-4]]"]) invalid(text);
});

test("RFC 45: no other characters are allowed", () => {
  for (const text of ["", "1 - 4", "1-4 ", "a-b", "1-4;2", "-4", "1-", "+", "1-4:2:%", "4"]) {
    invalid(text);
  }
});

test("RFC 45, RFC 14: max is not below min, and the values grow", () => {
  expect(parseRange("4-4").max).toBe(4);
  for (const text of ["5-4", "1-4:1:*", "2-4:1:^", "1-4:2:^"]) invalid(text);
});
