import { parseSigned, textToSign, unwrapNone, wrapNone } from "@flux-ts/protocol/job/sign";
import { encodeBase64 } from "@flux-ts/protocol/text/base64";
import { expect, test } from "vitest";

const bytes = (text: string) => new TextEncoder().encode(text);
const headed = (header: string) =>
  `${encodeBase64(bytes(header))}.${encodeBase64(bytes("x"))}.none`;

test("RFC 39 Implementation: header, payload and signature are separated by periods", () => {
  const signed = wrapNone(bytes('{"version":1}'), 1000);
  const [header, payload, signature] = signed.split(".");
  expect(header).toBe(encodeBase64(bytes("version\0i1\0userid\0i1000\0mechanism\0snone\0")));
  expect(payload).toBe(encodeBase64(bytes('{"version":1}')));
  expect(signature).toBe("none");
});

test.each([
  ["version", "userid\0i0\0mechanism\0snone\0"],
  ["userid", "version\0i1\0mechanism\0snone\0"],
  ["mechanism", "version\0i1\0userid\0i0\0"],
])("RFC 39 Implementation: the header has a %s", (key, header) => {
  expect(() => parseSigned(headed(header))).toThrow(key);
});

test("RFC 39 Implementation: version is 1", () => {
  expect(() => parseSigned(headed("version\0i2\0userid\0i0\0mechanism\0snone\0"))).toThrow(
    "version must be 1",
  );
});

test("RFC 39 Implementation: the payload may be empty", () => {
  expect(unwrapNone(wrapNone(bytes(""), 0)).payload).toHaveLength(0);
});

test("RFC 39 MUNGE: the signature is over header and payload with the delimiter", () => {
  const text = textToSign(bytes("x"), 1000, "munge");
  expect(parseSigned(`${text}.MUNGE:AwQ=:`)).toMatchObject({
    mechanism: "munge",
    userid: 1000,
    signature: "MUNGE:AwQ=:",
    signedText: text,
  });
});

test("RFC 39 NONE: the signature is the string none", () => {
  const signed = wrapNone(bytes("x"), 0);
  expect(() => unwrapNone(signed.replace(/none$/, "nope"))).toThrow("must be none");
});

test("RFC 39 NONE: the claimed userid is for the caller to compare", () => {
  expect(unwrapNone(wrapNone(bytes("x"), 4294967294)).userid).toBe(4294967294);
});
