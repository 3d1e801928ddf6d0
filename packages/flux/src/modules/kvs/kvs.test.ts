import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kvs, KvsNamespaces, snapshot } from "@flux-ts/client/kvs";
import { KvsTxn } from "@flux-ts/client/kvs-txn";
import { Role } from "@flux-ts/protocol/message/credential";
import type { Json, JsonObject } from "@flux-ts/protocol/schema/json";
import { content } from "@flux-ts/protocol/services/content";
import { KvsFlag, kvs } from "@flux-ts/protocol/services/kvs";
import { type TestBroker, testBroker } from "@flux-ts/testing/broker";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import contentModule from "../content/content.ts";
import contentSqliteModule from "../content-sqlite/content-sqlite.ts";
import kvsModule from "./kvs.ts";

const guest = { userid: 1001, rolemask: Role.User };
const emptyDirectory = "sha1-c0a9faf907dda6216fd73bf81d0b3b21a1a8cb91";
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "flux-kvs-"));
});
afterAll(() => rm(directory, { recursive: true }));

const kvsBroker = (options: { config?: JsonObject } = {}): Promise<TestBroker> =>
  testBroker({ modules: [contentModule, kvsModule], ...options });
const storedBroker = (): Promise<TestBroker> =>
  testBroker({
    modules: [contentModule, contentSqliteModule, kvsModule],
    attrs: { statedir: directory },
  });

describe("values and directories", () => {
  test("a KVS begins with the empty directory at sequence 0, owned by the instance owner", async () => {
    await using broker = await kvsBroker();
    expect(await new Kvs(broker.flux).getroot()).toEqual({
      owner: 500,
      rootseq: 0,
      rootref: emptyDirectory,
      flags: 0,
      namespace: "primary",
    });
  });

  test("a value is read back, small or large, and shares no blob when small", async () => {
    await using broker = await kvsBroker();
    const store = new Kvs(broker.flux);
    const large = "x".repeat(100_000);
    await store.commit(new KvsTxn().put("a.small", "1").put("a.large", large).put("a.empty", ""));
    expect(await store.getText("a.small")).toBe("1");
    expect(await store.getText("a.large")).toBe(large);
    expect(await store.getText("a.empty")).toBe("");
    expect((await store.treeObject("a.small")).type).toBe("val");
    expect((await store.treeObject("a.large")).type).toBe("valref");
    expect(Object.keys(await store.dir("a"))).toEqual(["empty", "large", "small"]);
  });

  test("values up to 54 bytes stay in the directory", async () => {
    await using broker = await kvsBroker();
    const store = new Kvs(broker.flux);
    await store.commit(new KvsTxn().put("a", "x".repeat(54)).put("b", "x".repeat(55)));
    expect((await store.treeObject("a")).type).toBe("val");
    expect((await store.treeObject("b")).type).toBe("valref");
  });

  test("errors of lookups are those of a file system", async () => {
    await using broker = await kvsBroker();
    const store = new Kvs(broker.flux);
    await store.commit(new KvsTxn().put("d.v", "1").symlink("loop", "loop"));
    await expect(store.get("nope")).rejects.toMatchObject({ errnum: 2 });
    await expect(store.get("d.v.w")).rejects.toMatchObject({ errnum: 2 });
    await expect(store.get("d")).rejects.toMatchObject({ errnum: 21 });
    await expect(store.get(".")).rejects.toMatchObject({ errnum: 21 });
    await expect(store.dir("d.v")).rejects.toMatchObject({ errnum: 20 });
    await expect(store.readlink("d.v")).rejects.toMatchObject({ errnum: 22 });
    await expect(store.get("loop")).rejects.toMatchObject({ errnum: 40 });
    const other = new Kvs(broker.flux, "other");
    await expect(other.get("a")).rejects.toMatchObject({ errnum: 95 });
    const malformed = broker.flux.call(kvs.lookup, { key: "a", flags: 0 });
    await expect(malformed).rejects.toMatchObject({ errnum: 71 });
  });

  test("a snapshot shows what was, whatever was committed since", async () => {
    await using broker = await kvsBroker();
    const store = new Kvs(broker.flux);
    const before = await store.put("a", "old");
    await store.put("a", "new");
    expect(Buffer.from(await store.get("a", { at: snapshot(before) })).toString()).toBe("old");
    const bad = { ver: 1, type: "dirref", data: ["sha1-aaa"] };
    const lookup = { key: "a", flags: 0, rootdir: bad as Json };
    await expect(broker.flux.call(kvs.lookup, lookup)).rejects.toMatchObject({ errnum: 22 });
  });

  test("appending makes a valref with a blob for each piece", async () => {
    await using broker = await kvsBroker();
    const store = new Kvs(broker.flux);
    for (const piece of ["one", "two", "three"]) {
      await store.commit(new KvsTxn().append("log", piece));
    }
    expect(await store.getText("log")).toBe("onetwothree");
    expect((await store.treeObject("log")).data).toHaveLength(3);
    await store.mkdir("d");
    await store.link("l", "log");
    const append = (key: string) => store.commit(new KvsTxn().append(key, "x"));
    await expect(append("d")).rejects.toMatchObject({ errnum: 21 });
    await expect(append("l")).rejects.toMatchObject({ errnum: 95 });
  });

  test("links lead on within and across namespaces", async () => {
    await using broker = await kvsBroker();
    const store = new Kvs(broker.flux);
    await new KvsNamespaces(broker.flux).create("other");
    await new Kvs(broker.flux, "other").put("x.y", "there");
    await store.put("a.b", "here");
    await store.link("l", "a");
    await store.link("far", "x", "other");
    await store.link("all", ".", "other");
    expect(await store.getText("l.b")).toBe("here");
    expect(await store.getText("far.y")).toBe("there");
    expect(await store.getText("all.x.y")).toBe("there");
    expect(await store.readlink("far")).toEqual({ target: "x", namespace: "other" });
    await store.put("l.c", "through");
    expect(await store.getText("a.c")).toBe("through");
    await expect(store.put("far.z", "1")).rejects.toMatchObject({ errnum: 22 });
  });

  test("unlinking takes what is below too, and is fine with what is not there", async () => {
    await using broker = await kvsBroker();
    const store = new Kvs(broker.flux);
    await store.put("a.b.c", "1");
    const { rootref } = await store.unlink("a.x.y");
    expect(rootref).toBe((await store.getroot()).rootref);
    await store.unlink("a");
    await expect(store.get("a.b.c")).rejects.toMatchObject({ errnum: 2 });
    expect((await store.getroot()).rootref).toBe(emptyDirectory);
  });
});

describe("commits", () => {
  test("each commit is answered with its version, an empty one too", async () => {
    await using broker = await kvsBroker();
    const store = new Kvs(broker.flux);
    expect((await store.put("a", "1")).rootseq).toBe(1);
    expect((await store.commit(new KvsTxn())).rootseq).toBe(2);
    await expect(store.put(".", "1")).rejects.toMatchObject({ errnum: 22 });
    const commit = (ops: Json[]) =>
      broker.flux.call(kvs.commit, { namespace: "primary", flags: 0, ops });
    const extra = { key: "a", flags: 0, dirent: null, more: 1 };
    await expect(commit([extra])).rejects.toMatchObject({ errnum: 71 });
    const invalid = { key: "a", flags: 0, dirent: { ver: 1, type: "val" } };
    await expect(commit([invalid])).rejects.toMatchObject({ errnum: 22 });
  });

  test("commits that are ready together share one version; the event lists all", async () => {
    await using broker = await kvsBroker();
    const store = new Kvs(broker.flux);
    const events: JsonObject[] = [];
    await broker.flux.subscribe("kvs.namespace-primary-setroot", (_, payload) => {
      events.push(payload());
    });
    const puts = ["a", "b..c", ".d"].map((key) => store.put(key, key));
    const versions = await Promise.all(puts);
    expect(versions.map(({ rootseq }) => rootseq)).toEqual([1, 1, 1]);
    await broker.flux.rpc("kvs.ping");
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      namespace: "primary",
      rootseq: 1,
      owner: 500,
      keys: { a: null, "b.c": null, d: null },
    });
    expect(events[0]?.names).toHaveLength(3);
  });

  test("a commit that wants to be alone has a version of its own", async () => {
    await using broker = await kvsBroker();
    const store = new Kvs(broker.flux);
    const versions = await Promise.all([
      store.put("a", "1"),
      store.put("b", "1", { noMerge: true }),
      store.put("c", "1"),
      store.put("d", "1"),
    ]);
    expect(versions.map(({ rootseq }) => rootseq)).toEqual([1, 2, 3, 3]);
  });

  test("a commit that fails takes no other with it", async () => {
    await using broker = await kvsBroker();
    const store = new Kvs(broker.flux);
    const results = await Promise.allSettled([
      store.put("a.b", "1"),
      store.commit(new KvsTxn().put("x", "1").append("a", "2")),
      store.put("c", "3"),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    await expect(store.get("x")).rejects.toMatchObject({ errnum: 2 });
    expect(await store.getText("c")).toBe("3");
  });

  test("waiting for a version ends when it is there", async () => {
    await using broker = await kvsBroker();
    const store = new Kvs(broker.flux);
    const waiting = store.waitVersion(2);
    await store.put("a", "1");
    await store.put("a", "2");
    expect((await waiting).rootseq).toBe(2);
    expect(await broker.flux.rpc("kvs.stats-get")).toMatchObject({ pending_requests: 0 });
  });

  test("a client that goes away is not waited for", async () => {
    await using broker = await kvsBroker();
    const client = broker.connect();
    const waiting = new Kvs(client).waitVersion(9);
    waiting.catch(() => {});
    await new Kvs(client).getroot();
    client.close();
    await expect(waiting).rejects.toMatchObject({ errnum: 104 });
    await broker.flux.rpc("kvs.ping");
    expect(await broker.flux.rpc("kvs.stats-get")).toMatchObject({ pending_requests: 0 });
  });

  test("a synchronous commit needs a backing store and the primary namespace", async () => {
    await using broker = await kvsBroker();
    const store = new Kvs(broker.flux);
    const results = await Promise.allSettled([
      store.put("a", "1", { sync: true }),
      store.put("b", "2"),
    ]);
    expect(results[0]).toMatchObject({ reason: { errnum: 38 } });
    expect(await store.getText("b")).toBe("2");
    await expect(store.get("a")).rejects.toMatchObject({ errnum: 2 });
    await new KvsNamespaces(broker.flux).create("other");
    const other = new Kvs(broker.flux, "other").put("a", "1", { sync: true });
    await expect(other).rejects.toMatchObject({ errnum: 22 });
  });
});

describe("what lasts", () => {
  test("a synchronous commit is a checkpoint when it is answered; others become one at unload", async () => {
    {
      await using broker = await storedBroker();
      const store = new Kvs(broker.flux);
      await store.put("a", "1");
      await expect(broker.flux.call(content.checkpointGet)).rejects.toMatchObject({ errnum: 2 });
      const version = await store.put("b", "2", { sync: true });
      const { value } = await broker.flux.call(content.checkpointGet);
      expect(value[0]).toMatchObject({ rootref: version.rootref, sequence: version.rootseq });
      await store.put("c", "3");
    }
    await using broker = await storedBroker();
    const store = new Kvs(broker.flux);
    expect((await store.getroot()).rootseq).toBe(3);
    expect(await Promise.all(["a", "b", "c"].map((key) => store.getText(key)))).toEqual([
      "1",
      "2",
      "3",
    ]);
  });

  test("synchronous commits that come during a checkpoint share the next one, however many", async () => {
    await using broker = await storedBroker();
    const store = new Kvs(broker.flux);
    const first = store.put("x", "1", { sync: true });
    await Promise.resolve();
    const seqs = new Set<number>();
    const puts = Array.from({ length: 50 }, async (_, i) => {
      await (i < 25 ? Promise.resolve() : first);
      seqs.add((await store.put(`y.${i}`, "1", { sync: true })).rootseq);
    });
    await Promise.all([first, ...puts]);
    expect(seqs.size).toBeLessThanOrEqual(3);
  });

  test("large directories are found again after they were dropped from every cache", async () => {
    await using broker = await storedBroker();
    const store = new Kvs(broker.flux);
    const txn = new KvsTxn();
    for (let i = 0; i < 500; i++) txn.put(`big.k${i}`, `${i}`);
    await store.commit(txn, { sync: true });
    await broker.unload("kvs");
    await broker.flux.call(content.dropcache);
    await broker.load(kvsModule);
    await store.put("big.k7", "seven");
    expect(await store.getText("big.k7")).toBe("seven");
    expect(await store.getText("big.k499")).toBe("499");
    expect(Object.keys(await store.dir("big"))).toHaveLength(500);
  });

  test("a periodic checkpoint is made when there is something new", async () => {
    await using broker = await testBroker({
      modules: [contentModule, contentSqliteModule, kvsModule],
      attrs: { statedir: await mkdtemp(join(directory, "periodic-")) },
      config: { kvs: { "checkpoint-period": "10ms" } },
    });
    const { rootref } = await new Kvs(broker.flux).put("a", "1");
    for (;;) {
      const got = await broker.flux.call(content.checkpointGet).catch(() => undefined);
      if (got?.value[0]?.rootref === rootref) break;
    }
  });
});

describe("namespaces", () => {
  test("are made, listed and removed by the owner", async () => {
    await using broker = await kvsBroker();
    const namespaces = new KvsNamespaces(broker.flux);
    await namespaces.create("job-1", { owner: 1001 });
    await expect(namespaces.create("job-1")).rejects.toMatchObject({ errnum: 17 });
    expect(await namespaces.list()).toEqual([
      { namespace: "primary", owner: 500, flags: 0 },
      { namespace: "job-1", owner: 1001, flags: 0 },
    ]);
    const waiting = new Kvs(broker.flux, "job-1").waitVersion(5);
    await namespaces.remove("job-1");
    await expect(waiting).rejects.toMatchObject({ errnum: 95 });
    await namespaces.remove("job-1");
    await expect(namespaces.remove("primary")).rejects.toMatchObject({ errnum: 95 });
  });

  test("RFC 16: a guest uses its own namespace and no other", async () => {
    await using broker = await kvsBroker();
    const namespaces = new KvsNamespaces(broker.flux);
    await namespaces.create("job-1", { owner: guest.userid });
    const theirs = broker.connect(guest);
    const own = new Kvs(theirs, "job-1");
    await own.put("a", "1");
    expect(await own.getText("a")).toBe("1");
    await own.mkdir("d");
    const primary = new Kvs(theirs, "primary");
    await expect(primary.get("a")).rejects.toMatchObject({ errnum: 1 });
    await expect(primary.put("a", "1")).rejects.toMatchObject({ errnum: 1 });
    await expect(primary.getroot()).rejects.toMatchObject({ errnum: 1 });
    await expect(new KvsNamespaces(theirs).create("x")).rejects.toMatchObject({ errnum: 1 });
    await expect(own.link("l", ".", "primary")).rejects.toThrow(
      "guests may not commit symlink objects",
    );
    const entries = { x: { ver: 1, type: "val", data: "" } };
    const op = { key: "d", flags: 0, dirent: { ver: 1, type: "dir", data: entries } };
    const commit = theirs.call(kvs.commit, { namespace: "job-1", flags: 0, ops: [op] });
    await expect(commit).rejects.toThrow("guests may not commit non-empty dir objects");
  });

  test("a link into a namespace of the owner stops a guest", async () => {
    await using broker = await kvsBroker();
    await new KvsNamespaces(broker.flux).create("job-1", { owner: guest.userid });
    await new Kvs(broker.flux, "job-1").link("l", ".", "primary");
    await new Kvs(broker.flux).put("secret", "1");
    const lookup = new Kvs(broker.connect(guest), "job-1").get("l.secret");
    await expect(lookup).rejects.toMatchObject({ errnum: 1 });
  });

  test("kvs.lookup-plus tells which root was read, of a missing key too", async () => {
    await using broker = await kvsBroker();
    const { rootref } = await new Kvs(broker.flux).put("a", "1");
    const lookup = (key: string) =>
      broker.flux.call(kvs.lookupPlus, { key, flags: 0, namespace: "primary" });
    expect(await lookup("a")).toMatchObject({ rootseq: 1, rootref, val: { data: "MQ==" } });
    expect(await lookup("b")).toEqual({ rootseq: 1, rootref, errno: 2 });
    const treeobj = { key: ".", flags: KvsFlag.Treeobj, namespace: "primary" };
    expect((await broker.flux.call(kvs.lookup, treeobj)).val).toMatchObject({ data: [rootref] });
  });
});
