import { expect, test } from "vitest";
import { parseCertificate, printCertificate } from "./certificate.ts";

const publicKey = "E&YybQ?W[H<Z^cV>-AnkPo.x5YK-yq@cyBQ=Rx7k";
const secretKey = "/}q(J+[1FwE9BZTonph8F}h$p/BFMEFC6iQ]nowO";

test("what is printed is read back", () => {
  const certificate = { metadata: { name: "test1", "keygen.userid": "0" }, publicKey, secretKey };
  expect(parseCertificate(printCertificate(certificate))).toEqual(certificate);
});

test("the file of flux-core's keygen is understood", () => {
  const text = `#   ****  Generated on 2026-01-31 by czmq  ****

metadata
    name = "host"
    keygen.time = "2026-01-31T12:00:00"
curve
    public-key = "${publicKey}"
    secret-key = "${secretKey}"
`;
  expect(parseCertificate(text)).toEqual({
    metadata: { name: "host", "keygen.time": "2026-01-31T12:00:00" },
    publicKey,
    secretKey,
  });
});

test("errors name the line", () => {
  expect(() => parseCertificate("metadata\n  name: x\n")).toThrow("line 2: expected");
  expect(() => parseCertificate("stuff\n")).toThrow("line 1: unknown section 'stuff'");
  expect(() => parseCertificate("metadata\n")).toThrow("public-key must have 40 characters");
  expect(() => parseCertificate(`#${"x".repeat(255)}`)).toThrow("line 1 is too long");
  const keys = { publicKey, secretKey };
  expect(() => printCertificate({ metadata: { "a b": "" }, ...keys })).toThrow("key 'a b'");
  expect(() => printCertificate({ metadata: { a: '"' }, ...keys })).toThrow("of a is not allowed");
});
