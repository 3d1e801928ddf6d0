import { createHash } from "node:crypto";
import { val } from "@flux-ts/protocol/kvs/treeobj";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { CommitFlag } from "@flux-ts/protocol/services/kvs";
import { expect, test } from "vitest";
import { BlobCodec } from "./blob-codec.ts";
import { type Commit, CommitQueue, keysOf } from "./commit-queue.ts";
import { Directory } from "./directory.ts";
import { parseTransaction } from "./transaction.ts";

const codec = new BlobCodec("sha1", (bytes) => createHash("sha1").update(bytes).digest("hex"));
const emptyRef = codec.refOf(Directory.empty.encode(codec.encode));
const unknownRef = `sha1-${"1".repeat(40)}`;

function queueOf(options: { merge?: boolean; namespace?: string } = {}) {
  const { merge = true, namespace = "primary" } = options;
  const { refOf, encode, decode } = codec;
  const known = new Map([[emptyRef, Directory.empty]]);
  const directory = (ref: string) => known.get(ref);
  const queue = new CommitQueue({ namespace, merge, source: { directory, refOf, encode, decode } });
  return { queue, known };
}

const transaction = (name: string, flags = 0, key = name) =>
  parseTransaction(name, flags, [{ key, flags: 0, dirent: val(Buffer.from(name)) }]);
const failing = (name: string) =>
  parseTransaction(name, 0, [{ key: ".", flags: 0, dirent: val(Buffer.from(name)) }]);

function storeOf(queue: CommitQueue): Commit {
  const step = queue.next(emptyRef);
  if (step?.do !== "store") throw new Error(`expected a store, not ${step?.do}`);
  return step.commit;
}
const namesOf = (commit: Commit) => commit.transactions.map(({ name }) => name);

test("all that is ready is one commit; what comes during it gathers for the next", () => {
  const { queue } = queueOf();
  for (const name of ["a", "b", "c"]) queue.add(transaction(name));
  expect(namesOf(storeOf(queue))).toEqual(["a", "b", "c"]);
  queue.add(transaction("d"));
  expect(queue.next(emptyRef)).toBeUndefined();
  queue.stored();
  expect(namesOf(storeOf(queue))).toEqual(["d"]);
});

test("a transaction that wants to be alone is, and the order stays", () => {
  const { queue } = queueOf();
  queue.add(transaction("a"));
  queue.add(transaction("b", CommitFlag.NoMerge));
  queue.add(transaction("c"));
  queue.add(transaction("d"));
  const commits = [1, 2, 3].map(() => {
    const names = namesOf(storeOf(queue));
    queue.stored();
    return names;
  });
  expect(commits).toEqual([["a"], ["b"], ["c", "d"]]);
});

test("without merging each transaction is a commit", () => {
  const { queue } = queueOf({ merge: false });
  queue.add(transaction("a"));
  queue.add(transaction("b"));
  expect(namesOf(storeOf(queue))).toEqual(["a"]);
});

test("a bad transaction is rejected by itself", () => {
  const { queue } = queueOf();
  queue.add(transaction("a"));
  queue.add(failing("bad"));
  const commit = storeOf(queue);
  expect(namesOf(commit)).toEqual(["a"]);
  expect(commit.rejections).toMatchObject([
    { transaction: { name: "bad" }, error: { errnum: 22 } },
  ]);
  queue.stored();
  queue.add(failing("bad"));
  expect(queue.next(emptyRef)).toMatchObject({ do: "reject" });
  expect(queue.next(emptyRef)).toBeUndefined();
});

test("a root that is not at hand is loaded; by then others may have joined", () => {
  const { queue, known } = queueOf();
  queue.add(transaction("a"));
  expect(queue.next(unknownRef)).toEqual({ do: "load", refs: [unknownRef] });
  queue.add(transaction("b"));
  expect(queue.next(unknownRef)).toBeUndefined();
  known.set(unknownRef, Directory.empty);
  queue.loaded(new Map());
  const step = queue.next(unknownRef);
  expect(step?.do === "store" && namesOf(step.commit)).toEqual(["a", "b"]);
});

test("a root that cannot be loaded fails the transactions with the reason", () => {
  const { queue } = queueOf();
  queue.add(transaction("a"));
  queue.next(unknownRef);
  queue.loaded(new Map([[unknownRef, new FluxError("ENOENT")]]));
  expect(queue.next(unknownRef)).toMatchObject({
    do: "reject",
    rejections: [{ transaction: { name: "a" }, error: { errnum: 2 } }],
  });
});

test("when a store fails, each transaction is tried by itself before it is given up", () => {
  const { queue } = queueOf();
  queue.add(transaction("a"));
  queue.add(transaction("b"));
  const together = storeOf(queue);
  queue.add(transaction("c"));
  const error = new FluxError("EFBIG");
  expect(queue.failed(together, error)).toEqual([]);
  const first = storeOf(queue);
  expect(namesOf(first)).toEqual(["a"]);
  expect(queue.failed(first, error)).toMatchObject([{ transaction: { name: "a" } }]);
  expect(namesOf(storeOf(queue))).toEqual(["b"]);
  queue.stored();
  expect(namesOf(storeOf(queue))).toEqual(["c"]);
});

test("without a backing store those fail who need one, the others are tried again", () => {
  const { queue } = queueOf();
  queue.add(transaction("a"));
  queue.add(transaction("s", CommitFlag.Sync));
  const commit = storeOf(queue);
  expect(commit.isSync).toBe(true);
  const rejected = queue.failed(commit, new FluxError("ENOSYS"));
  expect(rejected.map(({ transaction: { name } }) => name)).toEqual(["s"]);
  expect(namesOf(storeOf(queue))).toEqual(["a"]);
});

test("checkpoints are of the primary namespace", () => {
  const { queue } = queueOf({ namespace: "job-1" });
  queue.add(transaction("s", CommitFlag.Sync));
  expect(queue.next(emptyRef)).toMatchObject({
    do: "reject",
    rejections: [{ error: { errnum: 22 } }],
  });
});

test("giving up a namespace gives up what waits", () => {
  const { queue } = queueOf();
  queue.add(transaction("a"));
  expect(queue.abandon().map(({ name }) => name)).toEqual(["a"]);
  expect(queue.size).toBe(0);
});

test("the keys of a commit are named once, in their one spelling", () => {
  const keys = keysOf([
    transaction("1", 0, "a..b"),
    transaction("2", 0, ".a.b."),
    transaction("3"),
  ]);
  expect(keys).toEqual({ "a.b": null, "3": null });
});
