import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeKeyValues, encodeKeyValues, type KeyValue } from "./key-value.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

test.each([
  "a",
  "a\0",
  "a\0sx",
  "\0sx\0",
  "a\0x1\0",
  "a\0\0",
  "a\0i1.0\0",
  "a\0i\0",
  "a\0i+1\0",
  "a\0i9223372036854775808\0",
  "a\0d1\0",
  "a\0bTrue\0",
  "a\0t2023-08-18\0",
  "a\0t2023-13-18T14:59:45Z\0",
])("%j is refused", (text) => {
  expect(() => decodeKeyValues(bytes(text))).toThrow("key-value encoding: ");
});

test("what is not UTF-8, or too large, is refused", () => {
  expect(() => decodeKeyValues(Uint8Array.of(0xff, 0, 0x73, 0))).toThrow("not UTF-8");
  expect(() => decodeKeyValues(new Uint8Array(70000))).toThrow("larger than");
  expect(() => encodeKeyValues([["a", { type: "s", value: "x".repeat(70000) }]])).toThrow("larger");
});

test("what the encoding cannot say is refused", () => {
  const refused: [string, KeyValue][] = [
    ["", { type: "s", value: "" }],
    ["a\0", { type: "s", value: "" }],
    ["a", { type: "s", value: "\0" }],
    ["a", { type: "i", value: 2n ** 63n }],
    ["a", { type: "t", value: 1.5 }],
  ];
  for (const pair of refused) expect(() => encodeKeyValues([pair])).toThrow("key-value encoding");
});

test("any pairs come back", () => {
  const text = fc.string().filter((s) => !s.includes("\0"));
  const value: fc.Arbitrary<KeyValue> = fc.oneof(
    fc.record({ type: fc.constant("s" as const), value: text }),
    fc.record({ type: fc.constant("i" as const), value: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n) }),
    fc.record({ type: fc.constant("b" as const), value: fc.boolean() }),
    fc.record({ type: fc.constant("t" as const), value: fc.integer({ min: 0, max: 4e9 }) }),
  );
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(text.filter(Boolean), value), { selector: ([key]) => key }),
      (pairs) => {
        expect([...decodeKeyValues(encodeKeyValues(pairs))]).toEqual(pairs);
      },
    ),
  );
});
