import { expect, test } from "vitest";
import { Tail } from "./tail.ts";

function tailOf(limit: number | undefined, past: string, rest: string): string {
  let seen = "";
  const tail = new Tail<string>(limit, (entry) => {
    seen += entry;
  });
  for (const entry of past) tail.push(entry);
  tail.endOfPast();
  for (const entry of rest) tail.push(entry);
  return seen;
}

test("of what there was only the last entries are passed on, of what comes everything", () => {
  expect(tailOf(2, "abcd", "ef")).toBe("cdef");
  expect(tailOf(9, "ab", "c")).toBe("abc");
  expect(tailOf(0, "ab", "c")).toBe("c");
});

test("without a limit everything is passed on", () => {
  expect(tailOf(undefined, "abcd", "ef")).toBe("abcdef");
});
