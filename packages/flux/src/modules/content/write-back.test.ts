import { expect, test } from "vitest";
import { ContentCache } from "./cache.ts";
import { WriteBack } from "./write-back.ts";

const limits = { batchCount: 2, batchBytes: 1000, dueBytes: 500, stallBytes: 600 };

function fixture(blobs = 0) {
  const cache = new ContentCache<string>({
    purgeTargetBytes: 1e6,
    purgeOldSeconds: 10,
    hardLimitBytes: 1e6,
  });
  for (let i = 0; i < blobs; i++) cache.store(`${i}`, new Uint8Array(100));
  return { cache, writeBack: new WriteBack(cache, limits) };
}

test("a few dirty blobs wait for the timer; many, or a flush, do not", () => {
  const { cache, writeBack } = fixture(1);
  expect([writeBack.hasWork, writeBack.isDue]).toEqual([true, false]);
  cache.store("more", new Uint8Array(100));
  expect(writeBack.isDue).toBe(true);
  const asked = fixture(1).writeBack;
  asked.flush("f");
  expect(asked.isDue).toBe(true);
});

test("there is one write at a time; flushes end with the write that leaves nothing behind", () => {
  const { writeBack } = fixture(3);
  writeBack.flush("f");
  const first = writeBack.begin()!;
  expect(first.entries).toHaveLength(2);
  expect(writeBack.begin()).toBeUndefined();
  expect(writeBack.succeed(first, 0)).toEqual([]);
  const second = writeBack.begin()!;
  expect(second.entries).toHaveLength(1);
  expect(writeBack.succeed(second, 0)).toEqual(["f"]);
  expect(writeBack.hasWork).toBe(false);
});

test("checkpoints asked for during a write share the next one", () => {
  const { cache, writeBack } = fixture(1);
  writeBack.checkpoint("1", "a");
  const first = writeBack.begin()!;
  expect(first.checkpoints).toEqual(["1"]);
  cache.store("x", new Uint8Array(1));
  writeBack.checkpoint("2", "b");
  writeBack.checkpoint("3", "c");
  expect(writeBack.succeed(first, 0)).toEqual(["a"]);
  const second = writeBack.begin()!;
  expect(second).toMatchObject({ checkpoints: ["2", "3"], waiters: ["b", "c"] });
  expect(second.entries.map(({ key }) => key)).toEqual(["x"]);
});

test("a failed write fails all who wait, keeps its blobs, and is not repeated by itself", () => {
  const { cache, writeBack } = fixture(2);
  writeBack.checkpoint("1", "a");
  const write = writeBack.begin()!;
  writeBack.flush("later");
  expect(writeBack.fail(write)).toEqual(["a", "later"]);
  expect(cache.dirtyCount).toBe(2);
  expect([writeBack.isDue, writeBack.hasWork]).toEqual([false, true]);
  writeBack.flush("again");
  expect(writeBack.isDue).toBe(true);
});

test("whoever stores has to wait while too much is dirty", () => {
  const { cache, writeBack } = fixture(6);
  expect(writeBack.isStalled).toBe(false);
  cache.store("more", new Uint8Array(1));
  expect(writeBack.isStalled).toBe(true);
});
