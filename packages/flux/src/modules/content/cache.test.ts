import { expect, test } from "vitest";
import { ContentCache } from "./cache.ts";

// Besides its bytes an entry weighs 512.
const limits = { purgeTargetBytes: 1200, purgeOldSeconds: 10, hardLimitBytes: 3000 };
const bytes = (length: number) => new Uint8Array(length);

function clean(cache: ContentCache<string>, key: string, length: number, at: number): void {
  cache.store(key, bytes(length));
  for (const entry of cache.takeDirty(1)) cache.stored(entry, at);
}

test("the first load of a blob is sent, further ones wait with it", () => {
  const cache = new ContentCache<string>(limits);
  expect(cache.want("a", "first")).toBe(true);
  expect(cache.want("a", "second")).toBe(false);
  expect(cache.fill("a", bytes(3), 0)).toEqual(["first", "second"]);
  expect(cache.lookup("a", 1)?.bytes).toHaveLength(3);
});

test("a load that fails leaves no entry, so that the next one is sent again", () => {
  const cache = new ContentCache<string>(limits);
  cache.want("a", "first");
  expect(cache.failLoad("a")).toEqual(["first"]);
  expect(cache.count).toBe(0);
  expect(cache.want("a", "second")).toBe(true);
});

test("a store answers the loads that wait for the blob; the late load response changes nothing", () => {
  const cache = new ContentCache<string>(limits);
  cache.want("a", "load");
  expect(cache.store("a", bytes(3)).loads).toEqual(["load"]);
  expect(cache.fill("a", bytes(3), 0)).toEqual([]);
  expect(cache.sizeBytes).toBe(3);
});

test("a clean blob that is stored again is dirty again (its epoch must be renewed)", () => {
  const cache = new ContentCache<string>(limits);
  clean(cache, "a", 3, 0);
  expect(cache.dirtyCount).toBe(0);
  cache.store("a", bytes(3));
  expect(cache.dirtyCount).toBe(1);
  expect(cache.dirtyBytes).toBe(3);
});

test("a mapped blob is replaced by one that is stored", () => {
  const cache = new ContentCache<string>(limits);
  cache.fill("a", bytes(3), 0, true);
  const { entry } = cache.store("a", bytes(3));
  expect(entry.isEphemeral).toBe(false);
  expect(cache.validCount).toBe(1);
});

test("blobs are written in the order they were stored, bounded by count and bytes", () => {
  const cache = new ContentCache<string>(limits);
  for (const key of ["a", "b", "c"]) cache.store(key, bytes(50));
  expect(cache.takeDirty(2).map(({ key }) => key)).toEqual(["a", "b"]);
  expect(cache.takeDirty(2).map(({ key }) => key)).toEqual(["c"]);
  expect(cache.dirtyCount).toBe(3);
  const again = new ContentCache<string>(limits);
  for (const key of ["a", "b", "c"]) again.store(key, bytes(50));
  expect(again.takeDirty(9, 60).map(({ key }) => key)).toEqual(["a", "b"]);
});

test("purge takes old clean entries, least recently used first, until the target is met", () => {
  const cache = new ContentCache<string>(limits);
  for (const [index, key] of ["a", "b", "c"].entries()) clean(cache, key, 60, index);
  cache.lookup("a", 3);
  cache.purge(11.5);
  expect([..."abc"].map((key) => cache.lookup(key, 12) !== undefined)).toEqual([true, false, true]);
  cache.purge(30);
  expect(cache.sizeBytes).toBe(120);
});

test("beyond the hard limit purge does not care for age, but dirty entries stay", () => {
  const cache = new ContentCache<string>(limits);
  for (const key of ["a", "b", "c"]) clean(cache, key, 400, 0);
  cache.store("d", bytes(400));
  cache.purge(1);
  expect(cache.sizeBytes).toBe(1200);
  expect(cache.lookup("d", 1)?.dirty).toBe(true);
});

test("dropping removes valid clean entries only", () => {
  const cache = new ContentCache<string>(limits);
  clean(cache, "a", 1, 0);
  cache.store("b", bytes(1));
  cache.want("c", "load");
  expect(cache.drop()).toBe(1);
  expect(cache.count).toBe(2);
});
