import { createHash } from "node:crypto";
import { dirref, val } from "@flux-ts/protocol/kvs/treeobj";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { CommitFlag } from "@flux-ts/protocol/services/kvs";
import { expect, test } from "vitest";
import { BlobCache } from "./blob-cache.ts";
import { BlobCodec } from "./blob-codec.ts";
import { CommitQueue } from "./commit-queue.ts";
import { Directory } from "./directory.ts";
import type { Effect, PendingCommit } from "./effect.ts";
import { Leader } from "./leader.ts";
import { Namespaces } from "./namespaces.ts";

const codec = new BlobCodec("sha1", (bytes) => createHash("sha1").update(bytes).digest("hex"));
const emptyRef = codec.refOf(Directory.empty.encode(codec.encode));

/** Rank 0 with an empty primary namespace. Waiters are the names of their commits. */
function leader() {
  const { encode, refOf, decode } = codec;
  const cache = new BlobCache({ maxAgeSeconds: 10, maxBytes: 1e6, encode });
  cache.addDirectory(emptyRef, Directory.empty, 32);
  const directory = (ref: string) => cache.directory(ref);
  const source = { directory, encode, refOf, decode };
  const namespaces: Namespaces<string> = new Namespaces({
    isLeader: true,
    makeQueue: (namespace) => new CommitQueue({ namespace, source, merge: true }),
  });
  namespaces.add({ name: "primary", owner: 1, flags: 0, ref: emptyRef, seq: 0 }, 0);
  const each = new Leader(namespaces, cache);
  const commit = (name: string, flags = 0, key = name, namespace = "primary"): void => {
    const ops = [{ key, flags: 0, dirent: val(Buffer.from(name)) }];
    const hosted = namespaces.get(namespace)!;
    each.commit(hosted, { name, flags, ops });
    hosted.root.addCommit(name, name);
  };
  return { leader: each, namespaces, commit };
}

function storesOf(effects: readonly Effect<string>[]): readonly PendingCommit<string>[][] {
  return effects.flatMap((effect) => (effect.do === "store" ? [[...effect.commits]] : []));
}

/** Effects in short, without the roots' references. */
const brief = (effects: readonly Effect<string>[]): string[] => effects.flatMap(briefly);

function briefly(effect: Effect<string>): string[] {
  switch (effect.do) {
    case "answer":
      return effect.waiters.length > 0
        ? [`answer ${effect.waiters.join()} at ${effect.version.rootseq}`]
        : [];
    case "fail":
      return effect.waiters.length > 0 ? [`fail ${effect.waiters.join()} ${effect.errnum}`] : [];
    case "publish": {
      const names = effect.event.names ?? [];
      return [`${effect.namespace} ${effect.word} ${JSON.stringify(names)}`];
    }
    case "checkpoint":
      return [`checkpoint ${effect.root.rootseq}`];
    case "load":
      return ["load"];
    case "store":
      return [`store ${effect.commits.map(({ hosted }) => hosted.root.name).join()}`];
  }
}

test("commits are in force, and answered, when what they need is stored", () => {
  const { leader: each, commit } = leader();
  commit("a");
  commit("b");
  const effects = each.process();
  expect(brief(effects)).toEqual(["store primary"]);
  expect(brief(each.stored(storesOf(effects)[0]!))).toEqual([
    'primary setroot ["a","b"]',
    "answer a,b at 1",
  ]);
});

test("commits of several namespaces are stored together", () => {
  const { leader: each, commit } = leader();
  each.createNamespace({ name: "n", rootref: emptyRef, owner: 1, flags: 0 }, 0);
  commit("a");
  commit("b", 0, "b", "n");
  expect(brief(each.process())).toEqual(["store primary,n"]);
});

test("a synchronous commit is in force at once and answered when a checkpoint has it", () => {
  const { leader: each, commit } = leader();
  commit("a");
  commit("s", CommitFlag.Sync);
  const effects = each.process();
  expect(brief(each.stored(storesOf(effects)[0]!))).toEqual([
    'primary setroot ["a"]',
    "answer a at 1",
    "checkpoint 1",
  ]);
  expect(brief(each.checkpointed({ rootseq: 1, rootref: "" }))).toEqual([
    'primary setroot ["s"]',
    "answer s at 1",
  ]);
  expect(each.checkpoint()).toEqual([]);
});

test("synchronous commits that come during a checkpoint share the next one", () => {
  const { leader: each, commit } = leader();
  for (const name of ["s1", "s2", "s3"]) {
    commit(name, CommitFlag.Sync);
    const effects = each.stored(storesOf(each.process())[0]!);
    expect(brief(effects).includes("checkpoint 1")).toBe(name === "s1");
  }
  expect(brief(each.checkpointed({ rootseq: 1, rootref: "" }))).toEqual([
    'primary setroot ["s1"]',
    "answer s1 at 3",
    "checkpoint 3",
  ]);
  expect(brief(each.checkpointed({ rootseq: 3, rootref: "" }))).toEqual([
    'primary setroot ["s2","s3"]',
    "answer s2,s3 at 3",
  ]);
});

test("a checkpoint that fails fails the commits that it was for, and no others", () => {
  const { leader: each, commit } = leader();
  for (const name of ["s1", "s2"]) {
    commit(name, CommitFlag.Sync);
    each.stored(storesOf(each.process())[0]!);
  }
  const failed = each.checkpointFailed({ rootseq: 1, rootref: "" }, new FluxError("ENOSPC"));
  expect(brief(failed)).toEqual(['primary error ["s1"]', "fail s1 28", "checkpoint 2"]);
});

test("without a backing store a synchronous commit is refused and changes nothing", () => {
  const { leader: each, namespaces, commit } = leader();
  commit("s", CommitFlag.Sync);
  const effects = each.process();
  const failed = each.failed(storesOf(effects)[0]!, new FluxError("ENOSYS"));
  expect(brief(failed)).toEqual(['primary error ["s"]', "fail s 38"]);
  expect(namespaces.primary.seq).toBe(0);
});

test("a directory that is not at hand is loaded before the commit goes on", () => {
  const { leader: each, namespaces, commit } = leader();
  const away = dirref(`sha1-${"1".repeat(40)}`);
  const hosted = namespaces.get("primary")!;
  each.commit(hosted, { name: "l", flags: 0, ops: [{ key: "d", flags: 0, dirent: away }] });
  each.stored(storesOf(each.process())[0]!);
  commit("x", 0, "d.x");
  const [load] = each.process();
  expect(load).toMatchObject({ do: "load", refs: away.data });
  each.loaded(hosted, new Map([[away.data[0]!, new FluxError("ENOENT")]]));
  expect(brief(each.process())).toEqual(['primary error ["x"]', "fail x 2"]);
});

test("a commit that a follower relays fails by event", () => {
  const { leader: each } = leader();
  const relay = { name: "transaction_req.3.0", flags: 0, ops: [] };
  expect(brief(each.relayed("nope", relay))).toEqual(['nope error ["transaction_req.3.0"]']);
  const bad = { ...relay, ops: [{ key: "a" }] };
  expect(brief(each.relayed("primary", bad))).toEqual(['primary error ["transaction_req.3.0"]']);
  expect(each.relayed("primary", relay)).toEqual([]);
  expect(each.hasWork).toBe(true);
});

test("removing a namespace fails what waits in it, and what is being stored", () => {
  const { leader: each, commit } = leader();
  each.createNamespace({ name: "n", rootref: emptyRef, owner: 1, flags: 0 }, 0);
  commit("stored", 0, "a", "n");
  const effects = each.process();
  commit("waits", 0, "a", "n");
  expect(brief(each.removeNamespace("n"))).toEqual([
    "n removed []",
    "fail stored,waits 95",
    'n error ["waits"]',
  ]);
  expect(brief(each.stored(storesOf(effects)[0]!))).toEqual(['n error ["stored"]']);
  expect(each.removeNamespace("n")).toEqual([]);
});
