import { createHash } from "node:crypto";
import {
  blobrefOf,
  encodeBlobref,
  type Hash,
  isBlobref,
  maxBlobrefLength,
  parseBlobref,
} from "@flux-ts/protocol/kvs/blobref";
import { expect, test } from "vitest";

const hash = (name: Hash["name"]): Hash => ({
  name,
  digest: (bytes) => createHash(name).update(bytes).digest(),
});

test("RFC 10 Address: the example is the blobref of its content", () => {
  const blobref = "sha1-f1d2d2f924e986ac86fdf7b36c94bcdf32beec15";
  expect(blobrefOf(hash("sha1"), new TextEncoder().encode("foo\n"))).toBe(blobref);
  expect(isBlobref(blobref)).toBe(true);
});

test("RFC 10 Address: a blobref is the name of the hash, a hyphen, and the digest", () => {
  const digest = new Uint8Array(32).fill(0xab);
  const blobref = encodeBlobref("sha256", digest);
  expect(blobref).toBe(`sha256-${"ab".repeat(32)}`);
  expect(blobref).toHaveLength(maxBlobrefLength);
  expect(parseBlobref(blobref)).toEqual({ hash: "sha256", digest });
});

test("RFC 10 Address: the digest is in lower case", () => {
  expect(isBlobref("sha1-F1D2D2F924E986AC86FDF7B36C94BCDF32BEEC15")).toBe(false);
});

test("RFC 10 Content: empty content has an address, too", () => {
  expect(blobrefOf(hash("sha1"), new Uint8Array(0))).toBe(
    "sha1-da39a3ee5e6b4b0d3255bfef95601890afd80709",
  );
});
