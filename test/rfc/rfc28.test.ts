import type { RpcStream } from "@flux-ts/client/rpc-stream";
import type { ResponseOf } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { resource } from "@flux-ts/protocol/services/resource";
import { type TestBroker, testBroker } from "@flux-ts/testing/broker";
import content from "flux-ts/modules/content/content";
import groups from "flux-ts/modules/groups/groups";
import kvs from "flux-ts/modules/kvs/kvs";
import resourceModule from "flux-ts/modules/resource/resource";
import { expect, test } from "vitest";

type Response = ResponseOf<typeof resource.acquire>;

/** Rank 0 of four configured ranks that are up. */
async function leader(table: JsonObject = {}): Promise<TestBroker> {
  const broker = await testBroker({
    modules: [groups, content, kvs],
    size: 4,
    attrs: { hostlist: "n[0-3]", "tbon.descendants": "3" },
    config: {
      resource: { config: [{ hosts: "n[0-3]", cores: "0-3" }], noverify: true, ...table },
    },
  });
  await broker.load(resourceModule, ["monitor-force-up"]);
  return broker;
}

function acquire(broker: TestBroker): RpcStream<Response> {
  return broker.flux.stream(resource.acquire, undefined, { cancel: resource.acquireCancel });
}

test("RFC 28 Initial Acquire Response: resources less those excluded, and what is up", async () => {
  await using broker = await leader({ exclude: "3" });
  await broker.flux.call(resource.drain, { targets: "1" });
  const { resources, up } = await acquire(broker).first();
  expect(resources?.execution).toMatchObject({
    R_lite: [{ rank: "0-2", children: { core: "0-3" } }],
    nodelist: ["n[0-2]"],
  });
  expect(up).toBe("0,2");
});

test("RFC 28 Additional Acquire Responses: only what is changing is in up and down", async () => {
  await using broker = await leader();
  const stream = acquire(broker);
  await stream.first();
  await broker.flux.call(resource.drain, { targets: "0-1" });
  expect(await stream.first()).toEqual({ down: "0-1" });
  await broker.flux.call(resource.undrain, { targets: "1" });
  expect(await stream.first()).toEqual({ up: "1" });
});

test("RFC 28 Additional Acquire Responses: offline is down, configured ranks may come back", async () => {
  await using broker = await leader();
  const stream = acquire(broker);
  await stream.first();
  await broker.flux.call(resource.monitorForceDown, { ranks: "2" });
  expect(await stream.first()).toEqual({ down: "2" });
});

test("RFC 28 shrink: ranks that cannot come back are in shrink and in down", async () => {
  const broker = await testBroker({
    modules: [groups, content, kvs],
    size: 2,
    attrs: { hostlist: "n[0-1]", "tbon.descendants": "1" },
  });
  await using _ = broker;
  await broker.load(resourceModule, ["monitor-force-up"]);
  const R_lite = [{ rank: "1", children: { core: "0" } }];
  broker.flux.send(resource.topoReduce, {
    count: 1,
    resource: { version: 1, execution: { R_lite, nodelist: ["n1"] } },
  });
  const stream = acquire(broker);
  expect((await stream.first()).up).toBe("0-1");
  await broker.flux.call(resource.monitorForceDown, { ranks: "1" });
  expect(await stream.first()).toEqual({ down: "1", shrink: "1" });
});

test("RFC 28 expiration: the scheduler is told of a new end of the resource set", async () => {
  await using broker = await leader();
  const stream = acquire(broker);
  await stream.first();
  await broker.flux.call(resource.expirationUpdate, { expiration: 1234.5 });
  expect(await stream.first()).toEqual({ expiration: 1234.5 });
});

test("RFC 28 Acquire Request: the first response waits until resources are known", async () => {
  const broker = await testBroker({
    modules: [groups, content, kvs],
    size: 2,
    attrs: { hostlist: "n[0-1]", "tbon.descendants": "1" },
  });
  await using _ = broker;
  await broker.load(resourceModule);
  const first = acquire(broker).first();
  let isAnswered = false;
  void first.then(() => {
    isAnswered = true;
  });
  await broker.flux.call(resource.status).catch(() => {});
  expect(isAnswered).toBe(false);
  const R_lite = [{ rank: "1", children: { core: "0" } }];
  const report = { version: 1, execution: { R_lite, nodelist: ["n1"] } };
  broker.flux.send(resource.topoReduce, { count: 1, resource: report });
  expect((await first).up).toBe("");
});

test("RFC 28 Error Response: a second client is refused", async () => {
  await using broker = await leader();
  await acquire(broker).first();
  await expect(acquire(broker).first()).rejects.toMatchObject({ code: "EBUSY" });
});

test("RFC 28 Error Response: the request ends with the module", async () => {
  await using broker = await leader();
  const stream = acquire(broker);
  await stream.first();
  await broker.unload("resource");
  await expect(stream.first()).rejects.toMatchObject({ code: "ECANCELED" });
});

test("RFC 28 Disconnect Request: a scheduler that leaves makes room for another", async () => {
  await using broker = await leader();
  const scheduler = broker.connect();
  await scheduler.stream(resource.acquire).first();
  scheduler.close();
  await expect
    .poll(() =>
      acquire(broker)
        .first()
        .then(
          () => "acquired",
          () => "busy",
        ),
    )
    .toBe("acquired");
});

test("RFC 28: a muted stream stays silent while the instance shuts down", async () => {
  await using broker = await leader();
  const stream = acquire(broker);
  await stream.first();
  await broker.flux.call(resource.acquireMute);
  await broker.flux.call(resource.drain, { targets: "0" });
  await broker.unload("resource");
  await expect(stream.first()).rejects.toMatchObject({ code: "ECANCELED" });
});
