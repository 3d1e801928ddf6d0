import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BlobStore } from "./blob-store.ts";
import { compress, decompress } from "./compression.ts";
import { Garbage } from "./garbage.ts";
import { closeDatabase, openDatabase, type SqlDatabase } from "./sql-database.ts";

const sha1 = (bytes: Uint8Array) => createHash("sha1").update(bytes).digest("hex");
const fromHex = (key: string) => Buffer.from(key, "hex");
const blob = (bytes: Uint8Array) => ({ key: sha1(bytes), bytes });

let directory: string;
let count = 0;
const databases: SqlDatabase[] = [];
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "flux-blob-store-"));
});
afterAll(() => {
  for (const db of databases) closeDatabase(db);
  rmSync(directory, { recursive: true });
});

function open(prepare: (db: SqlDatabase) => void = () => {}) {
  const db = openDatabase(join(directory, `${count++}.sqlite`));
  databases.push(db);
  prepare(db);
  const codec = { compress, decompress };
  const parts = { db, codec, hash: sha1, fromHex, maxCheckpoints: 2, canRollBack: true };
  return { db, store: new BlobStore(parts) };
}

test("digests are keys of storage class text, as flux-core binds them", () => {
  const { db, store } = open();
  const bytes = Buffer.from("x");
  store.storeBatch({ blobs: [blob(bytes)], checkpoints: [] });
  const row = db.prepare("SELECT typeof(hash) AS type, CAST(hash AS BLOB) AS hash FROM objects");
  const { type, hash } = row.get()!;
  expect(type).toBe("text");
  expect(Buffer.from(hash as Uint8Array).toString("hex")).toBe(sha1(bytes));
});

test("blobs of 256 bytes and more are LZ4 blocks beside their length, smaller ones are as they are", () => {
  const { db, store } = open();
  const small = Buffer.alloc(255, "s");
  const large = Buffer.alloc(256, "l");
  store.storeBatch({ blobs: [blob(small), blob(large)], checkpoints: [] });
  const rows = db
    .prepare("SELECT size, length(object) AS length FROM objects ORDER BY rowid")
    .all();
  expect(rows[0]).toMatchObject({ size: -1, length: 255 });
  expect(rows[1]?.size).toBe(256);
  expect(Number(rows[1]?.length)).toBeLessThan(30);
  for (const bytes of [small, large]) {
    expect(Buffer.from(store.load(fromHex(sha1(bytes))))).toEqual(bytes);
  }
});

test("storing a blob again renews its epoch and nothing else", () => {
  const { db, store } = open();
  const bytes = Buffer.from("x");
  store.storeBatch({ blobs: [blob(bytes)], checkpoints: ["{}"] });
  store.storeBatch({ blobs: [blob(bytes)], checkpoints: [] });
  expect(db.prepare("SELECT epoch FROM objects").all()).toMatchObject([{ epoch: 1 }]);
});

test("the newest checkpoints are kept, and their ids never used again", () => {
  const { store } = open();
  store.storeBatch({ blobs: [], checkpoints: ["1", "2", "3"] });
  expect(store.checkpoints).toEqual([
    { id: 3, text: "3" },
    { id: 2, text: "2" },
  ]);
  expect(store.currentEpoch).toBe(3);
});

test("a batch that fails leaves nothing behind", () => {
  const { store } = open();
  const bytes = Buffer.from("x");
  const broken = { key: sha1(bytes), bytes: undefined as unknown as Uint8Array };
  expect(() => store.storeBatch({ blobs: [blob(bytes), broken], checkpoints: [] })).toThrow();
  expect([store.objectCount, store.currentEpoch]).toEqual([0, 0]);
  store.storeBatch({ blobs: [blob(bytes)], checkpoints: ["{}"] });
  expect(store.objectCount).toBe(1);
});

test("damage is noticed: a block that does not decompress, and bytes that are not the digest's", () => {
  const { db, store } = open();
  const bytes = Buffer.alloc(1000, "x");
  store.storeBatch({ blobs: [blob(bytes)], checkpoints: [] });
  db.exec("UPDATE objects SET object = X'FFFFFFFF'");
  const load = () => store.load(fromHex(sha1(bytes)));
  expect(load).toThrow(/does not decompress/);
  db.exec("UPDATE objects SET object = X'00', size = -1");
  expect(load).toThrow(/is damaged/);
});

test("a file of an earlier flux-core is brought up to date", () => {
  const old = '{"version":1,"rootref":"sha1-x","timestamp":1.0}';
  const { db, store } = open((db) => {
    db.exec("CREATE TABLE objects(hash BLOB PRIMARY KEY, size INT, object BLOB)");
    db.exec("CREATE TABLE checkpt(key TEXT UNIQUE, value TEXT)");
    db.prepare("INSERT INTO checkpt VALUES ('kvs-primary', ?1)").run(old);
    const insert = "INSERT INTO objects VALUES (CAST(?1 AS TEXT), -1, ?2)";
    db.prepare(insert).run(fromHex(sha1(Buffer.from("x"))), Buffer.from("x"));
  });
  expect(store.checkpoints).toEqual([{ id: 1, text: old }]);
  expect(Buffer.from(store.load(fromHex(sha1(Buffer.from("x"))))).toString()).toBe("x");
  const tables = db.prepare("SELECT name FROM sqlite_master WHERE name = 'checkpt'").all();
  expect(tables).toEqual([]);
});

test("a sweep deletes what is older than the epoch, a bounded number at a time", () => {
  const { db, store } = open();
  const garbage = new Garbage(db, store);
  const blobs = Array.from({ length: 10 }, (_, i) => blob(Buffer.from(`${i}`)));
  store.storeBatch({ blobs, checkpoints: ["{}"] });
  const { current_epoch: epoch, high_water } = garbage.info(0, false);
  expect(garbage.mark(epoch, [fromHex(blobs[3]!.key), fromHex(sha1(Buffer.from("none")))])).toBe(1);
  expect(garbage.info(epoch, true)).toMatchObject({ candidates: 9 });
  const sweep = { epoch, cursor: 0, high_water, delete_cap: 4, window: 100 };
  expect(garbage.sweep(sweep)).toEqual({ deleted: 4, cursor: 5 });
  expect(garbage.sweep({ ...sweep, cursor: 5, delete_cap: 100 })).toEqual({
    deleted: 5,
    cursor: 10,
  });
  expect(store.objectCount).toBe(1);
  expect(() => garbage.sweep({ ...sweep, window: 0 })).toThrow(/above 0/);
  expect(() => garbage.mark(1, new Array(16_385).fill(fromHex(blobs[0]!.key)))).toThrow(/limit/);
});

test("blocks are what liblz4 writes, without frame and length", () => {
  // 20 equal bytes: a literal, a match of 19 at distance 1 less the last five, which are literals.
  const block = Uint8Array.from([0x1a, 0x61, 0x01, 0x00, 0x50, 0x61, 0x61, 0x61, 0x61, 0x61]);
  expect(Buffer.from(decompress(block, 20)).toString()).toBe("a".repeat(20));
  expect(() => decompress(block, 21)).toThrow();
  for (const size of [0, 1, 12, 13, 1000, 70_000]) {
    const bytes = Buffer.alloc(size, "abcdefg");
    expect(Buffer.from(decompress(compress(bytes), size))).toEqual(bytes);
  }
});
