import fc from "fast-check";
import { expect, test } from "vitest";
import { formatF, formatG } from "./printf.ts";

test("17 significant digits are enough to read a number back", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Number(formatG(value, 17))).toBe(value);
    }),
  );
});

test.each([
  [100000, 6, "100000"],
  [1000000, 6, "1e+06"],
  [0.0001, 6, "0.0001"],
  [0.00001, 6, "1e-05"],
  [-1.5, 6, "-1.5"],
  [-0, 6, "-0"],
  [0.1, 17, "0.10000000000000001"],
  [2.5, 1, "2"],
  [3.5, 1, "4"],
  [9.5, 1, "1e+01"],
  [2 ** -25, 17, "2.9802322387695312e-08"],
  [1e300, 3, "1e+300"],
  [Number.NaN, 6, "nan"],
  [-Infinity, 6, "-inf"],
])("%%.*g of %d with %d digits", (value, precision, text) => {
  expect(formatG(value, precision)).toBe(text);
});

test("%f rounds exact halves to the even digit", () => {
  expect([0.5, 1.5, 2.5].map((value) => formatF(value, 0))).toEqual(["0", "2", "2"]);
  expect([0.0625, 0.1875, 1.0005].map((value) => formatF(value, 3))).toEqual([
    "0.062",
    "0.188",
    "1.000",
  ]);
  expect(formatF(-2, 1)).toBe("-2.0");
  expect(formatF(Infinity, 1)).toBe("inf");
});
