import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newKeyPair, publicKeyOf, readCertificate, writeCertificate } from "./certificate.ts";

test("the public key of libzmq's pairs follows from the secret one", () => {
  expect(publicKeyOf("/}q(J+[1FwE9BZTonph8F}h$p/BFMEFC6iQ]nowO")).toBe(
    "E&YybQ?W[H<Z^cV>-AnkPo.x5YK-yq@cyBQ=Rx7k",
  );
  const pair = newKeyPair();
  expect(pair.secretKey).toHaveLength(40);
  expect(publicKeyOf(pair.secretKey)).toBe(pair.publicKey);
});

test("a certificate file is private, and refused when it is not or its keys do not match", () => {
  const folder = mkdtempSync(join(tmpdir(), "flux-cert-"));
  try {
    const path = join(folder, "curve.cert");
    const certificate = { metadata: { name: "a" }, ...newKeyPair() };
    writeCertificate(path, certificate);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readCertificate(path)).toEqual(certificate);
    chmodSync(path, 0o640);
    expect(() => readCertificate(path)).toThrow("readable by group/other");
    const mixed = join(folder, "mixed.cert");
    writeCertificate(mixed, { ...certificate, publicKey: newKeyPair().publicKey });
    expect(() => readCertificate(mixed)).toThrow("does not belong to the secret one");
    expect(() => readCertificate(join(folder, "none"))).toThrow("none: No such file or directory");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
