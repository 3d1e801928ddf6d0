import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeBase64, encodeBase64 } from "./base64.ts";

const latin1 = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));

test.each([
  ["", ""],
  ["f", "Zg=="],
  ["fo", "Zm8="],
  ["foo", "Zm9v"],
  ["foob", "Zm9vYg=="],
  ["fooba", "Zm9vYmE="],
  ["foobar", "Zm9vYmFy"],
])("RFC 4648 section 10: %j is %j", (plain, text) => {
  expect(encodeBase64(latin1(plain))).toBe(text);
  expect(decodeBase64(text)).toEqual(latin1(plain));
});

test("any bytes come back", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const text = encodeBase64(bytes);
      expect(text).toBe(Buffer.from(bytes).toString("base64"));
      expect(decodeBase64(text)).toEqual(bytes);
    }),
  );
});

test("missing padding is accepted", () => {
  expect(decodeBase64("Zg")).toEqual(latin1("f"));
  expect(decodeBase64("Zm8")).toEqual(latin1("fo"));
});

test.each([
  "Z",
  "Z===",
  "Zg=",
  "Zm9v=",
  "Zm9v====",
  "Zm9v\n",
  "Zm-_",
  "Zm9é",
  "Zg==Zg==",
  "====",
  " ",
])("%j is refused", (text) => {
  expect(() => decodeBase64(text)).toThrow("text is not base64");
});
