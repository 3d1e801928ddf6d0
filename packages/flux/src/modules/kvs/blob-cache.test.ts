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
  cache.tick(9);
  cache.bytes("a");
  cache.tick(18);
  expect([cache.has("a"), cache.has("b"), cache.sizeBytes]).toEqual([true, false, 10]);
});

test("when there is too much, what was not used since the last tick goes at once", () => {
  const cache = cacheOf(25);
  cache.add("a", Buffer.alloc(10));
  cache.tick(1);
  cache.add("b", Buffer.alloc(10));
  cache.add("c", Buffer.alloc(10));
  expect(["a", "b", "c"].map((ref) => cache.has(ref))).toEqual([false, true, true]);
});
