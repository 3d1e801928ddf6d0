import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { blobrefOf, encodeBlobref, type Hash, isBlobref, parseBlobref } from "./blobref.ts";

const hash = (name: "sha1" | "sha256"): Hash => ({
  name,
  digest: (bytes) => createHash(name).update(bytes).digest(),
});

test("blobrefs of known content", () => {
  const content = new TextEncoder().encode("foo\n");
  expect(blobrefOf(hash("sha1"), content)).toBe("sha1-f1d2d2f924e986ac86fdf7b36c94bcdf32beec15");
  expect(blobrefOf(hash("sha256"), content)).toBe(
    "sha256-b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
  );
});

test.each(["sha1", "sha256"] as const)("any %s digest comes back", (name) => {
  const size = name === "sha1" ? 20 : 32;
  fc.assert(
    fc.property(fc.uint8Array({ minLength: size, maxLength: size }), (digest) => {
      expect(parseBlobref(encodeBlobref(name, digest))).toEqual({ hash: name, digest });
    }),
  );
});

test.each([
  "",
  "sha1-",
  "sha1-f1d2d2f924e986ac86fdf7b36c94bcdf32beec1",
  "sha1-f1d2d2f924e986ac86fdf7b36c94bcdf32beec155",
  "sha1-F1D2D2F924E986AC86FDF7B36C94BCDF32BEEC15",
  "sha256-f1d2d2f924e986ac86fdf7b36c94bcdf32beec15",
  "md5-f1d2d2f924e986ac86fdf7b36c94bcdf",
  "sha1-g1d2d2f924e986ac86fdf7b36c94bcdf32beec15",
  "sha1-f1d2d2f924e986ac86fdf7b36c94bcdf32beec15\n",
])("%j is no blobref", (text) => {
  expect(isBlobref(text)).toBe(false);
  expect(() => parseBlobref(text)).toThrow("is not a blobref");
});

test("a digest of the wrong size is refused", () => {
  expect(() => encodeBlobref("sha1", new Uint8Array(32))).toThrow("32 bytes are not a sha1 digest");
});
