import { Idset } from "@flux-ts/protocol/text/idset";
import { expect, test } from "vitest";

const einval = expect.objectContaining({ code: "EINVAL" });

test("RFC 22: an idset has unique, non-negative integer ids", () => {
  expect([...Idset.from([5, 5, 0])]).toEqual([0, 5]);
  expect(() => Idset.of(-1)).toThrow(einval);
  expect(() => Idset.of(0.5)).toThrow(einval);
  expect(() => Idset.parse("1,1")).toThrow(einval);
});

test("RFC 22: ids ascend and are delimited by commas", () => {
  expect([...Idset.parse("1,2,3,5,6,42")]).toEqual([1, 2, 3, 5, 6, 42]);
  for (const text of ["3,1", "0-9,3", "1-3,3", "5-2", "0-0"]) {
    expect(() => Idset.parse(text)).toThrow(einval);
  }
});

test("RFC 22: ids are decimal", () => {
  for (const text of ["a", "0x1", "1e3", "1.5"]) expect(() => Idset.parse(text)).toThrow(einval);
});

test("RFC 22: ids have no leading zeroes", () => {
  expect(Idset.parse("0").encode()).toBe("0");
  for (const text of ["01", "1-02", "00"]) expect(() => Idset.parse(text)).toThrow(einval);
});

test("RFC 22: consecutive ids may be hyphenated ranges", () => {
  expect([...Idset.parse("1-3,5-6,42")]).toEqual([1, 2, 3, 5, 6, 42]);
  expect(Idset.parse("1,2,3,5,6,42").encode()).toBe("1-3,5-6,42");
});

test("RFC 22: square brackets may surround an idset", () => {
  expect(Idset.parse("[1-3,5-6,42]").encode({ brackets: true })).toBe("[1-3,5-6,42]");
  expect(Idset.parse("[7]").encode({ brackets: true })).toBe("7");
  expect(Idset.parse("[]").isEmpty).toBe(true);
  for (const text of ["[1", "1]", "[[1]]", "[1],2", "1,[2]"]) {
    expect(() => Idset.parse(text)).toThrow("mismatched or nested brackets");
  }
});

test("RFC 22: no other characters are allowed", () => {
  for (const text of [" 1", "1 ", "1\n", "+1", "-1", "1--2", "1-", "1;2", "1-2-3", "１"]) {
    expect(() => Idset.parse(text)).toThrow(einval);
  }
});

test("RFC 22: no ids are the empty string", () => {
  expect(Idset.parse("").size).toBe(0);
  expect(new Idset().encode()).toBe("");
});
