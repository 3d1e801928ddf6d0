import { expect, test } from "vitest";
import { StringTable } from "./string-table.ts";

test("equal strings have the same reference, no string has 0", () => {
  const table = new StringTable();
  const a = table.add("a");
  expect(table.add("a")).toBe(a);
  expect(table.add("b")).not.toBe(a);
  expect(table.add(undefined)).toBe(0);
  expect(table.text(a)).toBe("a");
  expect(table.text(0)).toBeUndefined();
});

test("a string goes when its last user does, and its place is used again", () => {
  const table = new StringTable();
  const a = table.add("a");
  table.add("a");
  table.release(a);
  expect(table.text(a)).toBe("a");
  table.release(a);
  table.release(0);
  expect(table.size).toBe(0);
  expect(table.add("b")).toBe(a);
});
