import { decodeKeyValues, encodeKeyValues, type KeyValue } from "@flux-ts/protocol/text/key-value";
import { expect, test } from "vitest";

const dblMax = `${BigInt(Number.MAX_VALUE)}.000000`;

test.each<[string, KeyValue, string]>([
  ["PATH", { type: "s", value: "/bin:/usr/bin" }, "s/bin:/usr/bin"],
  ["EMPTY_STRING", { type: "s", value: "" }, "s"],
  ["JOB_ID_STRING", { type: "s", value: "ƒuzzybunny" }, "sƒuzzybunny"],
  ["INT_PLUS", { type: "i", value: 42n }, "i42"],
  ["INT_MINUS", { type: "i", value: -42n }, "i-42"],
  ["INT64_MAX", { type: "i", value: 2n ** 63n - 1n }, "i9223372036854775807"],
  ["INT64_MIN", { type: "i", value: -(2n ** 63n) }, "i-9223372036854775808"],
  ["DOUBLE", { type: "d", value: 3 }, "d3.000000"],
  ["DOUBLE_INF", { type: "d", value: Number.POSITIVE_INFINITY }, "dinf"],
  ["DBL_MAX", { type: "d", value: Number.MAX_VALUE }, `d${dblMax}`],
  ["MINUS_DBL_MAX", { type: "d", value: -Number.MAX_VALUE }, `d-${dblMax}`],
  ["FALSE", { type: "b", value: false }, "bfalse"],
  ["TRUE", { type: "b", value: true }, "btrue"],
  ["TIMESTAMP", { type: "t", value: 1692370785 }, "t2023-08-18T14:59:45Z"],
])("RFC 38 Test Vectors: %s", (key, value, text) => {
  const encoded = new TextEncoder().encode(`${key}\0${text}\0`);
  expect(encodeKeyValues([[key, value]])).toEqual(encoded);
  expect(decodeKeyValues(encoded).get(key)).toEqual(value);
});

test("RFC 38 Test Vectors: DBL_MIN loses what six places do not show", () => {
  const encoded = new TextEncoder().encode("DBL_MIN\0d0.000000\0");
  expect(encodeKeyValues([["DBL_MIN", { type: "d", value: 2.2250738585072014e-308 }]])).toEqual(
    encoded,
  );
});

test("RFC 38 Implementation: pairs follow each other without delimiters", () => {
  const encoded = encodeKeyValues([
    ["a", { type: "i", value: 1n }],
    ["b", { type: "s", value: "x" }],
  ]);
  expect(new TextDecoder().decode(encoded)).toBe("a\0i1\0b\0sx\0");
});

test("RFC 38 Implementation: keys are not empty, and nothing contains NUL", () => {
  expect(() => encodeKeyValues([["", { type: "s", value: "x" }]])).toThrow("a key is empty");
  expect(() => encodeKeyValues([["a", { type: "s", value: "\0" }]])).toThrow("contains NUL");
});

test("RFC 38 Implementation: the size is limited", () => {
  expect(() => decodeKeyValues(new Uint8Array(1 << 20))).toThrow("larger than");
});
