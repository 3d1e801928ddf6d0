import { Kvs } from "@flux-ts/client/kvs";
import type { RpcStream } from "@flux-ts/client/rpc-stream";
import { type EventlogEntry, parseEventlog } from "@flux-ts/protocol/job/eventlog";
import type { ResponseOf } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { resource } from "@flux-ts/protocol/services/resource";
import { type TestBroker, testBroker } from "@flux-ts/testing/broker";
import content from "flux-ts/modules/content/content";
import groups from "flux-ts/modules/groups/groups";
import kvs from "flux-ts/modules/kvs/kvs";
import resourceModule from "flux-ts/modules/resource/resource";
import { expect, test } from "vitest";

type Batch = ResponseOf<typeof resource.journal>;

async function leader(table: JsonObject = {}, hostlist = "n[0-3]"): Promise<TestBroker> {
  const broker = await testBroker({
    modules: [groups, content, kvs],
    size: 4,
    attrs: { hostlist, "tbon.descendants": "3" },
    config: {
      resource: { config: [{ hosts: hostlist, cores: "0-3" }], noverify: true, ...table },
    },
  });
  await broker.load(resourceModule, ["monitor-force-up"]);
  return broker;
}

/** The events that happened so far, and the stream, which goes on with what happens next. */
async function journal(broker: TestBroker): Promise<[JsonObject[], RpcStream<Batch>, Batch[]]> {
  const stream = broker.flux.stream(resource.journal, undefined, {
    cancel: resource.journalCancel,
  });
  const batches: Batch[] = [];
  for (;;) {
    const batch = await stream.first();
    if (batch.events.length === 0) break;
    batches.push(batch);
  }
  return [batches.flatMap(({ events }) => events), stream, batches];
}

async function stored(broker: TestBroker): Promise<EventlogEntry[]> {
  return parseEventlog(await new Kvs(broker.flux, "primary").getText("resource.eventlog"));
}

const named = (events: readonly JsonObject[] | readonly EventlogEntry[], name: string) =>
  events.filter((event) => event.name === name).map(({ context }) => context);

test("RFC 44 restart: tells ranks, who is online, and the hosts", async () => {
  await using broker = await leader();
  const [events] = await journal(broker);
  expect(named(events, "restart")).toEqual([{ ranks: "0-3", online: "0-3", nodelist: "n[0-3]" }]);
});

test("RFC 44 resource-define: is posted once resource.R is in the KVS", async () => {
  await using broker = await leader();
  expect(named(await stored(broker), "resource-define")).toEqual([{ method: "configuration" }]);
  const R = JSON.parse(await new Kvs(broker.flux, "primary").getText("resource.R"));
  expect(R.execution.R_lite).toEqual([{ rank: "0-3", children: { core: "0-3" } }]);
});

test("RFC 44 resource-update: has the new expiration, and R in the KVS has it too", async () => {
  await using broker = await leader();
  const [, stream] = await journal(broker);
  await broker.flux.call(resource.expirationUpdate, { expiration: 5000 });
  const { events } = await stream.first();
  expect(named(events, "resource-update")).toEqual([{ expiration: 5000 }]);
  expect(named(await stored(broker), "resource-update")).toHaveLength(1);
  const R = JSON.parse(await new Kvs(broker.flux, "primary").getText("resource.R"));
  expect(R.execution.expiration).toBe(5000);
});

test("RFC 44 drain, undrain: are in the KVS before the request is answered", async () => {
  await using broker = await leader();
  await broker.flux.call(resource.drain, { targets: "1-2", reason: "disk" });
  expect(named(await stored(broker), "drain")).toEqual([
    { idset: "1-2", nodelist: "n[1-2]", reason: "disk", overwrite: 0 },
  ]);
  await broker.flux.call(resource.drain, { targets: "1", mode: "force-overwrite" });
  await broker.flux.call(resource.undrain, { targets: "2", reason: "new disk" });
  expect(named(await stored(broker), "drain").at(-1)).toEqual({
    idset: "1",
    nodelist: "n1",
    overwrite: 2,
  });
  expect(named(await stored(broker), "undrain")).toEqual([
    { idset: "2", nodelist: "n2", overwrite: 0, reason: "new disk" },
  ]);
});

test("RFC 44 drain: when hosts have other ranks after a restart, hosts count", async () => {
  const first = await leader();
  await first.flux.call(resource.drain, { targets: "n2", reason: "disk" });
  const log = await new Kvs(first.flux, "primary").getText("resource.eventlog");
  await first[Symbol.asyncDispose]();

  const broker = await testBroker({
    modules: [groups, content, kvs],
    size: 4,
    attrs: { hostlist: "n[2-5]", "tbon.descendants": "3" },
    config: { resource: { config: [{ hosts: "n[2-5]", cores: "0-3" }], noverify: true } },
  });
  await using _ = broker;
  await new Kvs(broker.flux, "primary").put("resource.eventlog", log);
  await broker.load(resourceModule, ["monitor-force-up"]);
  expect(Object.keys((await broker.flux.call(resource.status)).drain)).toEqual(["0"]);
});

test("RFC 44 online, offline: are in the journal and not in the KVS", async () => {
  await using broker = await leader();
  const [, stream] = await journal(broker);
  await broker.flux.call(resource.monitorForceDown, { ranks: "3" });
  expect(named((await stream.first()).events, "offline")).toEqual([{ idset: "3" }]);
  expect(named(await stored(broker), "offline")).toEqual([]);
});

test("RFC 44 truncate: replaces the oldest events of a journal that is full", async () => {
  await using broker = await leader({ "journal-max": 3 });
  for (const targets of ["0", "1", "2"]) await broker.flux.call(resource.drain, { targets });
  const [events] = await journal(broker);
  expect(events.map(({ name }) => name)).toEqual(["truncate", "drain", "drain"]);
  expect(events[0]).not.toHaveProperty("context");
  expect(named(await stored(broker), "truncate")).toEqual([]);
});

test("RFC 44 journal response: R comes with resource-define", async () => {
  await using broker = await leader();
  const [, , batches] = await journal(broker);
  const defining = batches.filter(({ events }) => named(events, "resource-define").length > 0);
  expect(defining).toHaveLength(1);
  expect(defining[0]?.R).toMatchObject({ execution: { nodelist: ["n[0-3]"] } });
  expect(batches.filter(({ R }) => R !== undefined)).toHaveLength(1);
});

test("RFC 44 journal response: the sentinel separates the past from what happens now", async () => {
  await using broker = await leader();
  await broker.flux.call(resource.drain, { targets: "0" });
  const [events, stream] = await journal(broker);
  expect(named(events, "drain")).toHaveLength(1);
  await broker.flux.call(resource.undrain, { targets: "0" });
  expect((await stream.first()).events.map(({ name }) => name)).toEqual(["undrain"]);
});

test("RFC 44 cancellation: the stream ends when it is cancelled, and with the module", async () => {
  await using broker = await leader();
  const following = broker.flux.stream(resource.journal, undefined, {
    cancel: resource.journalCancel,
  });
  await following.first();
  await following.return();
  const [, stream] = await journal(broker);
  await broker.unload("resource");
  expect((await stream.next()).done).toBe(true);
});

test("RFC 44 Goals: drained nodes remain so after a restart, and the eventlog does not grow for ever", async () => {
  await using broker = await leader({ history: "0s" });
  await broker.flux.call(resource.drain, { targets: "1", reason: "kept" });
  // An event of the checkpoint's own millisecond is kept, lest one be lost: let it pass.
  const drained = Date.now();
  await expect.poll(() => Date.now(), { interval: 1 }).toBeGreaterThan(drained);
  await broker.unload("resource");
  await broker.load(resourceModule, ["monitor-force-up"]);
  expect((await broker.flux.call(resource.status)).drain).toMatchObject({
    "1": { reason: "kept" },
  });
  expect(named(await stored(broker), "drain")).toEqual([]);
});
