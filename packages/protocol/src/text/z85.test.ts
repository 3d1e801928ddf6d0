import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeZ85, encodeZ85 } from "./z85.ts";

test("ZeroMQ RFC 32: the test vector", () => {
  const bytes = Uint8Array.of(0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b);
  expect(encodeZ85(bytes)).toBe("HelloWorld");
  expect(decodeZ85("HelloWorld")).toEqual(bytes);
});

test("bytes survive, and what is no z85 is EINVAL", () => {
  const words = fc.uint8Array({ minLength: 0, maxLength: 40 }).filter((b) => b.length % 4 === 0);
  fc.assert(
    fc.property(words, (bytes) => {
      expect(decodeZ85(encodeZ85(bytes))).toEqual(bytes);
    }),
  );
  expect(() => decodeZ85("abcd")).toThrow("multiple of 5");
  expect(() => decodeZ85("ab cd")).toThrow("' ' is not in z85");
  expect(() => decodeZ85("#####")).toThrow("out of range");
  expect(() => encodeZ85(new Uint8Array(3))).toThrow("multiple of 4");
});
