import { KvsFlag } from "@flux-ts/protocol/services/kvs";
import { expect, test } from "vitest";
import { Monitor } from "./monitor.ts";
import { Watcher } from "./watcher.ts";

const watcher = (key: string, flags: number = KvsFlag.Watch) =>
  new Watcher({ namespace: "primary", key, flags });
const version = (seq: number, ...keys: string[]) => ({
  ref: `sha1-${seq}`,
  seq,
  owner: 1,
  keys: Object.fromEntries(keys.map((key) => [key, null])),
});

test("a commit concerns the watchers of exactly its keys, and those that watch in full", () => {
  const monitor = new Monitor();
  const [a, below, full] = [watcher("a"), watcher("a.b"), watcher("x", KvsFlag.WatchFull)];
  for (const each of [a, below, full]) monitor.add(each);
  expect(monitor.update(version(1))).toEqual([a, below, full]);
  expect(monitor.update(version(2, "a.b", "c"))).toEqual([full, below]);
  expect(monitor.update(version(2, "a"))).toEqual([]);
  monitor.delete(full);
  expect(monitor.update(version(3, "c"))).toEqual([]);
  expect(monitor.size).toBe(2);
});
