// RFC 10: the content storage service, as modules serve it.

import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Role } from "@flux-ts/protocol/message/credential";
import { content } from "@flux-ts/protocol/services/content";
import { contentBacking } from "@flux-ts/protocol/services/content-backing";
import { type TestBroker, testBroker } from "@flux-ts/testing/broker";
import contentModule from "flux-ts/modules/content/content";
import contentSqliteModule from "flux-ts/modules/content-sqlite/content-sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";

const blob = Buffer.from("content of an RFC 10 test");
const digestOf = (hash: string, bytes: Uint8Array) => createHash(hash).update(bytes).digest();
const unknown = digestOf("sha1", Buffer.from("never stored"));

let statedir: string;
let broker: TestBroker;
beforeAll(async () => {
  statedir = mkdtempSync(join(tmpdir(), "flux-rfc10-"));
  const modules = [contentModule, contentSqliteModule];
  broker = await testBroker({ modules, attrs: { statedir } });
});
afterAll(async () => {
  await broker[Symbol.asyncDispose]();
  rmSync(statedir, { recursive: true });
});

test("RFC 10 Implementation: the content service is not accessible by guests", async () => {
  const guest = broker.connect({ userid: 1001, rolemask: Role.User });
  const calls = [
    guest.call(content.load, unknown),
    guest.call(content.store, blob),
    guest.call(content.flush),
    guest.call(contentBacking.load, unknown),
  ];
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: "EPERM" });
});

test("RFC 10 Hash Algorithm: it is made available as attribute content.hash, and may be chosen", async () => {
  expect(await broker.flux.attr("content.hash")).toBe("sha1");
  await using other = await testBroker({
    modules: [contentModule],
    attrs: { "content.hash": "sha256" },
  });
  const digest = await other.flux.call(content.store, blob);
  expect(Buffer.from(digest)).toEqual(digestOf("sha256", blob));
});

test("RFC 10 Store: the response is the digest, after which the blob can be loaded", async () => {
  const digest = await broker.flux.call(content.store, blob);
  expect(Buffer.from(digest)).toEqual(digestOf("sha1", blob));
  expect(Buffer.from(await broker.flux.call(content.load, digest))).toEqual(blob);
});

test("RFC 10 Store: a blob may be empty, and is then stored and loaded without payload", async () => {
  const digest = await broker.flux.call(content.store, new Uint8Array(0));
  expect(Buffer.from(digest).toString("hex")).toBe("da39a3ee5e6b4b0d3255bfef95601890afd80709");
  expect(await broker.flux.call(content.load, digest)).toHaveLength(0);
});

test("RFC 10 Store: content above the maximum size is refused with EFBIG", async () => {
  await using small = await testBroker();
  await small.load(contentModule, ["blob-size-limit=10"]);
  const store = small.flux.call(content.store, Buffer.alloc(11));
  await expect(store).rejects.toMatchObject({ errnum: 27 });
});

test("RFC 10 Load: unknown content is ENOENT", async () => {
  await expect(broker.flux.call(content.load, unknown)).rejects.toMatchObject({ errnum: 2 });
});

test("RFC 10 Validate: the response has no payload for known content and is ENOENT for other", async () => {
  const digest = await broker.flux.call(contentBacking.store, blob);
  expect(await broker.flux.call(contentBacking.validate, digest)).toBeUndefined();
  const validate = broker.flux.call(contentBacking.validate, unknown);
  await expect(validate).rejects.toMatchObject({ errnum: 2 });
});

test("RFC 10 Flush: it is answered when nothing is dirty: all is in the backing store", async () => {
  const blobs = Array.from({ length: 600 }, (_, i) => Buffer.from(`flush ${i}`));
  await Promise.all(blobs.map((bytes) => broker.flux.call(content.store, bytes)));
  await broker.flux.call(content.flush);
  expect(await broker.flux.rpc("content.stats-get")).toMatchObject({ dirty: 0 });
  for (const bytes of blobs) {
    await broker.flux.call(contentBacking.validate, digestOf("sha1", bytes));
  }
});

test("RFC 10 Flush: without a backing store it is ENOSYS", async () => {
  await using bare = await testBroker({ modules: [contentModule] });
  await expect(bare.flux.call(content.flush)).rejects.toMatchObject({ errnum: 38 });
});

test("RFC 10 Dropcache: what can be loaded again is dropped", async () => {
  const digest = await broker.flux.call(content.store, blob);
  await broker.flux.call(content.flush);
  await broker.flux.call(content.dropcache);
  expect(await broker.flux.rpc("content.stats-get")).toMatchObject({ count: 0 });
  expect(Buffer.from(await broker.flux.call(content.load, digest))).toEqual(blob);
});
