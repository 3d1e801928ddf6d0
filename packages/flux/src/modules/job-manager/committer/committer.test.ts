import type { JobId } from "@flux-ts/protocol/job/fluid";
import { expect, test } from "vitest";
import { Batch } from "../batch.ts";
import { Committer } from "./committer.ts";

/** Commits that end when they are told to. */
function setUp() {
  let current = new Batch();
  const commits: { batch: Batch; done: () => void; fail: (error: Error) => void }[] = [];
  const committed: Batch[] = [];
  const failed: unknown[] = [];
  const committer = new Committer({
    take() {
      if (current.isEmpty) return undefined;
      const batch = current;
      current = new Batch();
      return batch;
    },
    commit: (batch) =>
      new Promise((resolve, reject) => commits.push({ batch, done: resolve, fail: reject })),
    onCommitted: (batch) => void committed.push(batch),
    onFailed: (error) => void failed.push(error),
  });
  const add = (id: bigint): void => {
    current.add(id as JobId, { timestamp: 1, name: "x" });
    committer.poke();
  };
  return { committer, commits, committed, failed, add, current: () => current };
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test("what comes in one turn is one commit, at once", async () => {
  const { commits, add } = setUp();
  add(1n);
  add(2n);
  expect(commits).toHaveLength(0);
  await turn();
  expect([...commits[0]!.batch.lines.keys()]).toEqual([1n, 2n]);
});

test("while a commit is under way the next batch grows", async () => {
  const { commits, committed, add } = setUp();
  add(1n);
  await turn();
  add(2n);
  await turn();
  add(3n);
  await turn();
  expect(commits).toHaveLength(1);
  commits[0]!.done();
  await turn();
  await turn();
  expect(committed).toHaveLength(1);
  expect([...commits[1]!.batch.lines.keys()]).toEqual([2n, 3n]);
});

test("a batch of answers alone needs no commit", async () => {
  const { committer, commits, committed, current } = setUp();
  current().answers.push({ to: { sender: "a" }, response: undefined });
  committer.poke();
  await turn();
  await turn();
  expect(commits).toHaveLength(0);
  expect(committed).toHaveLength(1);
});

test("a failed commit is the end", async () => {
  const { commits, committed, failed, add } = setUp();
  add(1n);
  await turn();
  commits[0]!.fail(new Error("disk full"));
  await turn();
  expect(failed).toMatchObject([{ message: "disk full" }]);
  expect(committed).toEqual([]);
});

test("flushing waits for the commit under way and for what came since", async () => {
  const { committer, commits, committed, add } = setUp();
  add(1n);
  await turn();
  add(2n);
  const flushed = committer.flush();
  commits[0]!.done();
  await turn();
  commits[1]!.done();
  await flushed;
  expect(committed).toHaveLength(2);
});
