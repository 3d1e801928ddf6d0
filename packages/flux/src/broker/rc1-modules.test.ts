import { expect, test } from "vitest";
import { loadInOrder, modulesOf } from "./rc1-modules.ts";

const options = { rank: 0, backing: undefined, disabled: new Set<string>() };

test("a follower loads no leader-only module, and waits for none", () => {
  const modules = modulesOf({ ...options, rank: 3 });
  expect(modules.map(({ name }) => name)).not.toContain("job-manager");
  expect(modules.find(({ name }) => name === "job-ingest")?.after).toEqual(["kvs"]);
});

test("the backing store can be another module, or none", () => {
  const names = (backing: string) => modulesOf({ ...options, backing }).map(({ name }) => name);
  expect(names("content-files")).toContain("content-files");
  expect(names("none")).not.toContain("content-sqlite");
});

test("each module loads after those it needs; a failure keeps its dependants from loading", async () => {
  const order: string[] = [];
  await loadInOrder(modulesOf(options), async ({ name }) => void order.push(name));
  expect(order.indexOf("kvs")).toBeGreaterThan(order.indexOf("content-sqlite"));
  expect(order.indexOf("sched-simple")).toBeGreaterThan(order.indexOf("resource"));

  const loaded: string[] = [];
  const failing = loadInOrder(modulesOf(options), async ({ name }) => {
    if (name === "kvs") throw new Error("kvs failed");
    loaded.push(name);
  });
  await expect(failing).rejects.toThrow("kvs failed");
  expect(loaded).not.toContain("job-manager");
});
