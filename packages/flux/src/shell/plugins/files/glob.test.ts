import { expect, test } from "vitest";
import { globPattern } from "./glob.ts";

test("a pattern matches as fnmatch does", () => {
  const matches = (glob: string, text: string): boolean => globPattern(glob).test(text);
  expect(matches("*.c", "src/a.c")).toBe(true);
  expect(matches("?.c", "ab.c")).toBe(false);
  expect(matches("[a-c]x", "bx")).toBe(true);
  expect(matches("[!a-c]x", "bx")).toBe(false);
  expect(matches("a+b(c)", "a+b(c)")).toBe(true);
  expect(matches("\\*", "*")).toBe(true);
  expect(matches("\\*", "x")).toBe(false);
  expect(matches("[", "[")).toBe(true);
});
