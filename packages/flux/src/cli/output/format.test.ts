import { expect, test } from "vitest";
import { OutputFormat } from "./format.ts";
import { type FieldValue, Real } from "./format-value.ts";

interface Item {
  readonly [field: string]: FieldValue;
}
const headings = { name: "NAME", nnodes: "NNODES", time: "TIME", t: "T", empty: "EMPTY", x: "X" };
const fieldOf = (item: Item, field: string): FieldValue => item[field];

const print = (format: string, items: Item[], options = {}): string[] =>
  [...new OutputFormat(format, headings).lines(items, fieldOf, options)].map(({ text }) => text);
const one = (format: string, item: Item): string =>
  new OutputFormat(format, headings).format(item, fieldOf);

test("the header has each field's align and width, not its type or precision", () => {
  expect(print("{name:<10.10} {nnodes:>6d}", [])).toEqual(["NAME       NNODES"]);
});

test("text is cut to the precision and marked with + where asked", () => {
  expect(one("{name:<10.10+}|", { name: "abcdefghijkl" })).toBe("abcdefghi+|");
  expect(one("{name:<10.10+}|", { name: "abcdefghij" })).toBe("abcdefghij|");
});

test("h shows a dash for what says nothing", () => {
  expect(one("{nnodes:>6h}", { nnodes: "" })).toBe("     -");
  expect(one("{nnodes:>6h}", { nnodes: 4 })).toBe("     4");
  expect(one("{time!F:>8h}", { time: 0 })).toBe("       -");
});

test("?: drops a column that is empty on every line, +: widens to the longest value", () => {
  const items = [{ name: "a", empty: "", x: "longer than eight" }];
  expect(print("{name:<4} ?:{empty:<8} +:{x:<4.4} {name}", items)).toEqual([
    "NAME X                 NAME",
    "a    longer than eight a",
  ]);
  expect(print("?+:{empty:>3}{name}", items)).toEqual(["NAME", "a"]);
});

test("numbers are aligned right, reals keep their point", () => {
  expect(one("{x:5}|{name:5}|", { x: 42, name: "ab" })).toBe("   42|ab   |");
  expect(one("{x}", { x: new Real(2) })).toBe("2.0");
  expect(one("{x:.3f} {x:08.2f} {x:,}", { x: 1234.5678 })).toBe("1234.568 01234.57 1,234.5678");
  expect(one("{x:x} {x:#x} {x:b}", { x: 255 })).toBe("ff 0xff 11111111");
});

test("conversions: duration, clock, percent, date", () => {
  expect(one("{x!F}", { x: 90 })).toBe("1.5m");
  expect(one("{x!H}", { x: 0.2 })).toBe("0:00:01");
  expect(one("{x!H}", { x: 90061 })).toBe("1 day, 1:01:01");
  expect(one("{x!P}", { x: 0.5 })).toBe("50%");
  expect(one("{x!P}", { x: 0.005 })).toBe("0.50%");
  expect(one("{x!D}", { x: "" })).toBe("");
  expect(one("{t!d:%Y::>8h}|", { t: 0 })).toBe("       -|");
  expect(one("{t!d:%Y::>8h}|", { t: 1795336222 })).toBe("    2026|");
});

test("a sort prefix orders unset values, numbers, then text", () => {
  const items = [{ x: "foo" }, { x: 10 }, { x: "9" }, { x: "" }];
  expect(print("sort:x {x}", items, { noHeader: true })).toEqual(["9", "10", "foo"]);
  expect(print("sort:-x {x}", items, { noHeader: true })).toEqual(["foo", "10", "9"]);
  expect(() => new OutputFormat("sort:nosuch {x}", headings)).toThrow("Invalid sort key: nosuch");
});

test("mistakes are told as Python tells them", () => {
  expect(() => new OutputFormat("{nosuch}", headings)).toThrow("Unknown format field: nosuch");
  expect(() => new OutputFormat("{x", headings)).toThrow("expected '}' before end of string");
  expect(() => new OutputFormat("x}", headings)).toThrow("Single '}' encountered");
  expect(() => one("{name:d}", { name: "a" })).toThrow(
    "Unknown format code 'd' for object of type 'str'",
  );
});

test("braces are written twice", () => {
  expect(one("{{{x}}}", { x: 1 })).toBe("{1}");
});

test("a line is cut at the width and marked", () => {
  expect(print("{name:<10}|", [{ name: "abc" }], { width: 5 })).toEqual(["NAME+", "abc +"]);
});
