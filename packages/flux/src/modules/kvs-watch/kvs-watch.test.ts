import { Kvs, KvsNamespaces } from "@flux-ts/client/kvs";
import { KvsTxn } from "@flux-ts/client/kvs-txn";
import { Role } from "@flux-ts/protocol/message/credential";
import { KvsFlag } from "@flux-ts/protocol/services/kvs";
import { kvsWatch } from "@flux-ts/protocol/services/kvs-watch";
import { testBroker } from "@flux-ts/testing/broker";
import { expect, test } from "vitest";
import contentModule from "../content/content.ts";
import kvsModule from "../kvs/kvs.ts";
import kvsWatchModule from "./kvs-watch.ts";

const watchBroker = () => testBroker({ modules: [contentModule, kvsModule, kvsWatchModule] });
const textOf = (result: IteratorResult<Uint8Array>) =>
  result.done ? undefined : Buffer.from(result.value).toString();

test("a watch begins with the present value and follows each commit to the key", async () => {
  await using broker = await watchBroker();
  const store = new Kvs(broker.flux);
  await store.put("a", "1");
  const values = store.watchValues("a");
  expect(textOf(await values.next())).toBe("1");
  const second = values.next();
  await store.put("b", "other");
  await store.put("a", "2");
  expect(textOf(await second)).toBe("2");
  await values.return(undefined);
  await broker.flux.rpc("kvs-watch.ping");
  expect(await broker.flux.rpc("kvs-watch.stats-get")).toMatchObject({
    watchers: 0,
    "namespace-count": 0,
  });
});

test("an eventlog is followed event by event, none lost, whoever commits meanwhile", async () => {
  await using broker = await watchBroker();
  const store = new Kvs(broker.flux);
  const count = 50;
  const seen: string[] = [];
  const following = (async () => {
    const watch = { append: true, waitcreate: true };
    for await (const value of store.watchValues("log", watch)) {
      seen.push(...Buffer.from(value).toString().trim().split("\n"));
      if (seen.length === count) return;
    }
  })();
  for (let i = 0; i < count; i++) await store.appendEvent("log", `e${i}`);
  await following;
  expect(seen.map((line) => JSON.parse(line).name)).toEqual(
    Array.from({ length: count }, (_, i) => `e${i}`),
  );
});

test("waiting for a key works before its namespace exists", async () => {
  await using broker = await watchBroker();
  const store = new Kvs(broker.flux, "late");
  const waiting = store.get("a", { waitcreate: true });
  await expect(store.watchValues("a").next()).rejects.toMatchObject({ errnum: 95 });
  await new KvsNamespaces(broker.flux).create("late");
  await store.put("a", "x");
  expect(Buffer.from(await waiting).toString()).toBe("x");
});

test("removing a namespace ends its watches with ENOTSUP", async () => {
  await using broker = await watchBroker();
  const namespaces = new KvsNamespaces(broker.flux);
  await namespaces.create("n");
  const store = new Kvs(broker.flux, "n");
  await store.put("a", "1");
  const values = store.watchValues("a");
  await values.next();
  const next = values.next();
  next.catch(() => {});
  await namespaces.remove("n");
  await expect(next).rejects.toMatchObject({ errnum: 95 });
});

test("a stream gives what is there and ends", async () => {
  await using broker = await watchBroker();
  const store = new Kvs(broker.flux);
  for (const piece of ["a", "b"]) await store.commit(new KvsTxn().append("log", piece));
  const seen: string[] = [];
  for await (const value of store.watchValues("log", { stream: true })) {
    seen.push(Buffer.from(value).toString());
  }
  expect(seen).toEqual(["a", "b"]);
});

test("the sentinel separates what was there from what comes", async () => {
  await using broker = await watchBroker();
  const store = new Kvs(broker.flux);
  await store.commit(new KvsTxn().append("log", "a"));
  const items = store.watch("log", { append: true, initialSentinel: true });
  expect((await items.next()).value).toMatchObject({ data: "YQ==" });
  expect(await items.next()).toEqual({ done: false, value: undefined });
  await items.return();
});

test("a guest watches its own namespace; a link out of it stops the watch", async () => {
  await using broker = await watchBroker();
  const namespaces = new KvsNamespaces(broker.flux);
  await namespaces.create("job-1", { owner: 1001 });
  await new Kvs(broker.flux).put("secret", "1");
  await new Kvs(broker.flux, "job-1").link("l", ".", "primary");
  await new Kvs(broker.flux, "job-1").put("a", "1");
  const guest = broker.connect({ userid: 1001, rolemask: Role.User });
  const own = new Kvs(guest, "job-1");
  const values = own.watchValues("a");
  expect(textOf(await values.next())).toBe("1");
  await values.return(undefined);
  await expect(own.watchValues("l.secret").next()).rejects.toMatchObject({ errnum: 1 });
  const other = new Kvs(guest, "primary").watchValues("secret");
  await expect(other.next()).rejects.toMatchObject({ errnum: 1 });
});

test("flags that do not fit are refused", async () => {
  await using broker = await watchBroker();
  const lookup = (flags: number) => ({ key: "a", namespace: "primary", flags });
  const once = (flags: number) => broker.flux.call(kvsWatch.lookup, lookup(flags));
  const many = (flags: number) => broker.flux.stream(kvsWatch.lookup, lookup(flags)).next();
  await expect(once(KvsFlag.Watch)).rejects.toMatchObject({ errnum: 71 });
  await expect(once(KvsFlag.Stream)).rejects.toMatchObject({ errnum: 71 });
  await expect(many(KvsFlag.Watch | KvsFlag.Stream)).rejects.toMatchObject({ errnum: 22 });
  await expect(many(KvsFlag.WatchUniq)).rejects.toMatchObject({ errnum: 22 });
  const sentinel = KvsFlag.Watch | KvsFlag.WatchInitialSentinel;
  await expect(many(sentinel)).rejects.toMatchObject({ errnum: 22 });
});

test("a client that goes away takes its watches with it", async () => {
  await using broker = await watchBroker();
  await new Kvs(broker.flux).put("a", "1");
  const client = broker.connect();
  const values = new Kvs(client).watchValues("a");
  await values.next();
  client.close();
  await expect(values.next()).rejects.toMatchObject({ errnum: 104 });
  await broker.flux.rpc("kvs-watch.ping");
  expect(await broker.flux.rpc("kvs-watch.stats-get")).toMatchObject({ watchers: 0 });
});
