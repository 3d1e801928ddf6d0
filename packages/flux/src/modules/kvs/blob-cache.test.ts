import { dir, val } from "@flux-ts/protocol/kvs/treeobj";
import { expect, test } from "vitest";
import { BlobCache } from "./blob-cache.ts";
import { Directory } from "./directory.ts";

const encode = (text: string) => Buffer.from(text);
const cacheOf = (maxBytes = 1e6) => new BlobCache({ maxAgeSeconds: 10, maxBytes, encode });
const directory = Directory.from(dir({ a: val(Buffer.from("1")) }));

test("a blob is bytes or a directory, whichever is asked for", () => {
  const cache = cacheOf();
  cache.add("d", directory.encode(encode));
  cache.add("v", Buffer.from("value"));
  cache.addDirectory("e", Directory.empty, 32);
  expect(cache.directory("d")?.object).toEqual(directory.object);
  expect(cache.directory("v")).toBeNull();
  expect(cache.directory("x")).toBeUndefined();
  expect(Buffer.from(cache.bytes("d")!).toString()).toBe(
    Buffer.from(directory.encode(encode)).toString(),
  );
  expect(cache.bytes("e")).toHaveLength(32);
});

test("what was not used for ten seconds goes", () => {
  const cache = cacheOf();
  cache.add("a", Buffer.alloc(10));
  cache.add("b", Buffer.alloc(10));
  cache.tick(5);
  cache.bytes("a");
  cache.tick(10);
  expect([cache.has("a"), cache.has("b")]).toEqual([true, false]);
  cache.tick(12);
  expect(cache.has("a")).toBe(true);
  cache.tick(15);
  expect(cache.has("a")).toBe(false);
});

test("when there is too much, what was not used lately goes at once, but not before it is time", () => {
  const cache = cacheOf(1000);
  for (const ref of ["a", "b", "c"]) cache.add(ref, Buffer.alloc(500));
  expect(cache.sizes).toEqual([500, 500, 500]);
  cache.trim();
  cache.bytes("a");
  cache.add("d", Buffer.alloc(500));
  cache.trim();
  expect(["a", "b", "c", "d"].map((ref) => cache.has(ref))).toEqual([true, false, false, true]);
});

test("a directory weighs what it does not share with the one it was made from", () => {
  const entries = Array.from({ length: 1000 }, (_, i) => [`k${i}`, val(Buffer.from("v"))] as const);
  const whole = Directory.from(dir(Object.fromEntries(entries)));
  const changed = whole.with(new Map([["k1", null]]));
  expect(changed.ownWeight).toBeLessThan(whole.ownWeight / 5);
});
