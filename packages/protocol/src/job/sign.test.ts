import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeBase64 } from "../text/base64.ts";
import { parseSigned, textToSign, unwrapNone, wrapNone } from "./sign.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const header = (text: string) => encodeBase64(bytes(text.replaceAll(":", "\0")));

test("a request captured from a stock client opens", () => {
  const request = unwrapNone(
    "dmVyc2lvbgBpMQB1c2VyaWQAaTAAbWVjaGFuaXNtAHNub25lAA==.eyJ2ZXJzaW9uIjoxfQ==.none",
  );
  expect(request.userid).toBe(0);
  expect(new TextDecoder().decode(request.payload)).toBe('{"version":1}');
});

test("the same request is wrapped to the same text", () => {
  expect(wrapNone(bytes('{"version":1}'), 0)).toBe(
    "dmVyc2lvbgBpMQB1c2VyaWQAaTAAbWVjaGFuaXNtAHNub25lAA==.eyJ2ZXJzaW9uIjoxfQ==.none",
  );
});

test("any payload of any user comes back", () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.nat({ max: 0xffffffff }), (payload, userid) => {
      const request = unwrapNone(wrapNone(payload, userid));
      expect(request.payload).toEqual(payload);
      expect(request.userid).toBe(userid);
    }),
  );
});

test("a request of another mechanism is taken apart, but not opened as none", () => {
  const extra = [["munge.socket", { type: "s", value: "/run/munge" }]] as const;
  const text = `${textToSign(bytes("x"), 1000, "munge", extra)}.MUNGE:abc:`;
  const request = parseSigned(text);
  expect(request.mechanism).toBe("munge");
  expect(request.signature).toBe("MUNGE:abc:");
  expect(request.signedText).toBe(text.slice(0, text.lastIndexOf(".")));
  expect(request.header.get("munge.socket")).toEqual({ type: "s", value: "/run/munge" });
  expect(() => unwrapNone(text)).toThrow("mechanism munge is not none");
});

test.each([
  ["", "not of the form"],
  ["a.b", "not of the form"],
  ["a.b.none.c", "not of the form"],
  ["?.eA==.none", "not base64"],
  [`${header("version:i1:userid:i0:mechanism:snone:")}.?.none`, "not base64"],
  [`${header("version:i1:userid:i0:mechanism:snone:")}.eA==.nope`, "signature"],
  [`${header("version:i2:userid:i0:mechanism:snone:")}.eA==.none`, "version must be 1"],
  [`${header("version:s1:userid:i0:mechanism:snone:")}.eA==.none`, "version must be 1"],
  [`${header("userid:i0:mechanism:snone:")}.eA==.none`, "version must be 1"],
  [`${header("version:i1:mechanism:snone:")}.eA==.none`, "userid is missing"],
  [`${header("version:i1:userid:i-1:mechanism:snone:")}.eA==.none`, "userid is missing"],
  [`${header("version:i1:userid:i4294967296:mechanism:snone:")}.eA==.none`, "userid is missing"],
  [`${header("version:i1:userid:i0:")}.eA==.none`, "mechanism is missing"],
  [`${header("version:i1:userid:i0:mechanism:snone:extra:i1:")}.eA==.none`, "unknown header key"],
])("%s is refused", (text, message) => {
  expect(() => unwrapNone(text)).toThrow(message);
});

test("a userid beyond 32 bits cannot sign", () => {
  expect(() => wrapNone(bytes(""), 2 ** 32)).toThrow("out of range");
});
