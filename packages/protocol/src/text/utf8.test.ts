import { expect, test } from "vitest";
import { compareUtf8, textOf } from "./utf8.ts";

test("UTF-8 is text, byte order mark and NUL included", () => {
  expect(textOf(new TextEncoder().encode("\ufeffƒ\0\n"))).toBe("\ufeffƒ\0\n");
  expect(textOf(new Uint8Array(0))).toBe("");
});

test.each([[[0xff]], [[0xc3]], [[0xed, 0xa0, 0x80]], [[0xc0, 0x80]], [[0xf4, 0x90, 0x80, 0x80]]])(
  "bytes %j are not text",
  (bytes) => {
    expect(textOf(Uint8Array.from(bytes))).toBeUndefined();
  },
);

test("strings sort by code point", () => {
  const sorted = ["", "Z", "a", "a\0", "aa", "b", "ƒ", "\ud7ff", "\ue000", "\uffff", "\u{10000}"];
  expect(sorted.toReversed().sort(compareUtf8)).toEqual(sorted);
  expect(compareUtf8("\u{10000}", "\u{10ffff}")).toBeLessThan(0);
  expect(compareUtf8("a", "a")).toBe(0);
});
