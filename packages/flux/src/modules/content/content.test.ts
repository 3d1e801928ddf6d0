import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { content } from "@flux-ts/protocol/services/content";
import { contentBacking, contentGarbage } from "@flux-ts/protocol/services/content-backing";
import { testBroker } from "@flux-ts/testing/broker";
import { afterAll, beforeAll, expect, test } from "vitest";
import contentFilesModule from "../content-files/content-files.ts";
import contentSqliteModule from "../content-sqlite/content-sqlite.ts";
import contentModule from "./content.ts";

let directory: string;
let count = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "flux-content-"));
});
afterAll(() => rm(directory, { recursive: true }));

const sha1 = (bytes: Uint8Array) => createHash("sha1").update(bytes).digest();
const blob = (text: string) => Buffer.from(text);

/** A broker with a content module and a statedir; nothing in the statedir is fsynced. */
async function contentBroker(
  backing = [contentSqliteModule],
  statedir = `${directory}/${count++}`,
) {
  await import("node:fs/promises").then(({ mkdir }) => mkdir(statedir, { recursive: true }));
  return testBroker({
    modules: [contentModule, ...backing],
    attrs: { statedir, "content.hash": "sha1" },
  });
}

test("without a backing store blobs are kept, unknown ones are ENOENT and flush is ENOSYS", async () => {
  await using broker = await contentBroker([]);
  const digest = await broker.flux.call(content.store, blob("hello"));
  expect(Buffer.from(digest)).toEqual(sha1(blob("hello")));
  expect(Buffer.from(await broker.flux.call(content.load, digest)).toString()).toBe("hello");
  await expect(broker.flux.call(content.load, sha1(blob("no")))).rejects.toMatchObject({
    errnum: 2,
  });
  await expect(broker.flux.call(content.load, blob("no"))).rejects.toMatchObject({ errnum: 71 });
  await expect(broker.flux.call(content.flush)).rejects.toMatchObject({ errnum: 38 });
});

for (const backing of [contentSqliteModule, contentFilesModule]) {
  const { name } = backing;

  test(`${name}: what was flushed is there after a restart, and so is the checkpoint`, async () => {
    const statedir = `${directory}/${name}`;
    const blobs = [blob(""), blob("small"), Buffer.alloc(100_000, "large ")];
    {
      await using broker = await contentBroker([backing], statedir);
      for (const bytes of blobs) await broker.flux.call(content.store, bytes);
      const value = { version: 1, rootref: "sha1-x", sequence: 7, timestamp: 2 };
      await broker.flux.call(content.checkpointPut, { value });
      expect(await broker.flux.rpc("content.stats-get")).toMatchObject({ valid: 3, dirty: 0 });
    }
    await using broker = await contentBroker([backing], statedir);
    for (const bytes of blobs) {
      expect(Buffer.from(await broker.flux.call(content.load, sha1(bytes)))).toEqual(bytes);
    }
    const { value } = await broker.flux.call(content.checkpointGet);
    expect(value).toEqual([{ version: 1, rootref: "sha1-x", sequence: 7, timestamp: 2 }]);
  });

  test(`${name}: serves content-backing requests of others`, async () => {
    await using broker = await contentBroker([backing]);
    const { flux } = broker;
    await expect(flux.call(contentBacking.checkpointGet)).rejects.toMatchObject({ errnum: 2 });
    const texts = ["a", "b", "c"];
    const digests = await Promise.all(texts.map((t) => flux.call(contentBacking.store, blob(t))));
    await flux.call(contentBacking.validate, digests[1]!);
    expect(Buffer.from(await flux.call(contentBacking.load, digests[2]!)).toString()).toBe("c");
    const unknown = sha1(blob("unknown"));
    await expect(flux.call(contentBacking.validate, unknown)).rejects.toMatchObject({ errnum: 2 });
    await expect(flux.call(contentBacking.load, blob("x"))).rejects.toMatchObject({ errnum: 71 });
  });
}

test("blobs that wait in memory are written when a backing store comes", async () => {
  await using broker = await contentBroker([]);
  const digest = await broker.flux.call(content.store, blob("early"));
  await broker.load(contentSqliteModule);
  await broker.flux.call(content.flush);
  await broker.flux.call(contentBacking.validate, digest);
  await broker.flux.call(content.dropcache);
  expect(await broker.flux.rpc("content.stats-get")).toMatchObject({ count: 0 });
  expect(Buffer.from(await broker.flux.call(content.load, digest)).toString()).toBe("early");
});

test("blobs with trusted digests are stored like others; who needs a backing store is told", async () => {
  await using broker = await contentBroker();
  const bytes = blob("batched");
  const key = sha1(bytes).toString("hex");
  await broker.flux.call(content.storeBlobs, { blobs: [{ key, bytes }], needsBacking: true });
  await broker.flux.call(content.flush);
  await broker.flux.call(contentBacking.validate, sha1(bytes));
  await broker.unload("content-sqlite");
  const refused = broker.flux.call(content.storeBlobs, { blobs: [], needsBacking: true });
  await expect(refused).rejects.toMatchObject({ errnum: 38 });
});

test("a backing store without batches gets single requests", async () => {
  await using broker = await contentBroker([]);
  const stored: string[] = [];
  const other = broker.connect();
  await other.addService("content-backing");
  other.serve(contentBacking.store, (bytes) => {
    stored.push(Buffer.from(bytes).toString());
    return sha1(bytes);
  });
  other.serve(contentBacking.checkpointPut, ({ value }) => void stored.push(`${value.sequence}`));
  await broker.flux.call(content.registerBacking, { name: "foreign" });
  await broker.flux.call(content.store, blob("one"));
  await broker.flux.call(content.checkpointPut, { value: { version: 1, sequence: 3 } });
  expect(stored).toEqual(["one", "3"]);
});

test("another backing store is refused, and a second one while there is one", async () => {
  await using broker = await contentBroker();
  const register = (name: string) => broker.flux.call(content.registerBacking, { name });
  await expect(register("other")).rejects.toMatchObject({ errnum: 16 });
  await broker.unload("content-sqlite");
  await expect(register("other")).rejects.toMatchObject({ errnum: 22 });
  await broker.load(contentSqliteModule);
});

test("a blob above the limit is EFBIG", async () => {
  await using broker = await testBroker();
  await broker.load(contentModule, ["blob-size-limit=10"]);
  await expect(broker.flux.call(content.store, Buffer.alloc(11))).rejects.toMatchObject({
    errnum: 27,
  });
});

test("a mapped file is served in chunks until it changes or its tag is removed", async () => {
  await using broker = await contentBroker();
  const path = join(directory, "mapped");
  await writeFile(path, "0123456789");
  const [first, second] = [sha1(blob("012345")), sha1(blob("6789"))];
  await broker.flux.call(content.mmapAdd, { path, chunksize: 6, tag: "t" });
  expect(Buffer.from(await broker.flux.call(content.load, first)).toString()).toBe("012345");
  expect(await broker.flux.rpc("content.stats-get")).toMatchObject({
    mmap: { tags: { t: [path] }, blobs: 2 },
  });
  await writeFile(path, "012345ABCD");
  await expect(broker.flux.call(content.load, second)).rejects.toThrow("has changed");
  await broker.flux.call(content.mmapRemove, { tag: "t" });
  await expect(broker.flux.call(content.load, first)).rejects.toMatchObject({ errnum: 2 });
});

test("mark and sweep delete what was not marked since the epoch began", async () => {
  await using broker = await contentBroker();
  const { flux } = broker;
  const [kept, garbage] = [blob("kept"), blob("garbage")];
  await flux.call(content.store, kept);
  await flux.call(content.store, garbage);
  await flux.call(content.checkpointPut, { value: { version: 1, rootref: "sha1-a" } });
  const { current_epoch: epoch, high_water } = await flux.call(contentGarbage.gcInfo, { epoch: 0 });
  expect({ epoch, high_water }).toEqual({ epoch: 1, high_water: 2 });
  const hashes = [`sha1-${sha1(kept).toString("hex")}`];
  expect(await flux.call(contentGarbage.mark, { epoch, hashes })).toEqual({ marked: 1 });
  const sweep = { epoch, cursor: 0, high_water, delete_cap: 10, window: 100 };
  expect(await flux.call(contentGarbage.sweep, sweep)).toEqual({ deleted: 1, cursor: 2 });
  await flux.call(contentBacking.validate, sha1(kept));
  await expect(flux.call(contentBacking.validate, sha1(garbage))).rejects.toMatchObject({
    errnum: 2,
  });
});
