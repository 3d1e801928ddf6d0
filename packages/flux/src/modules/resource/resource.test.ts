import { isErrno } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { groups } from "@flux-ts/protocol/services/groups";
import { resource } from "@flux-ts/protocol/services/resource";
import { type TestBroker, testBroker } from "@flux-ts/testing/broker";
import { expect, test } from "vitest";
import contentModule from "../content/content.ts";
import groupsModule from "../groups/groups.ts";
import kvsModule from "../kvs/kvs.ts";
import resourceModule from "./resource.ts";

const modules = [groupsModule, contentModule, kvsModule];
const nodes = { hosts: "n[0-3]", cores: "0-3", gpus: "0", properties: ["fast"] };

/** The leader of an instance of four ranks, all of them up, with these `[resource]` keys. */
async function leader(table: JsonObject = {}, args = ["monitor-force-up"]): Promise<TestBroker> {
  const broker = await testBroker({
    modules,
    size: 4,
    attrs: { hostlist: "n[0-3]", "tbon.descendants": "3" },
    config: { resource: { config: [nodes], noverify: true, ...table } },
  });
  await broker.load(resourceModule, args);
  return broker;
}

async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  return "accepted";
}

test("a new instance discovers the cores of its host", async () => {
  await using broker = await testBroker({ modules: [...modules, resourceModule] });
  const { R, method } = await broker.flux.call(resource.get);
  expect(method).toBe("dynamic-discovery");
  expect(R).toMatchObject({ execution: { R_lite: [{ rank: "0" }] } });
});

test("a broker counts as online while it is in the group broker.online", async () => {
  await using broker = await testBroker({ modules: [...modules, resourceModule] });
  expect(await broker.flux.call(resource.status)).toMatchObject({ online: "", offline: "0" });
  const up = broker.flux.call(resource.monitorWaitup, { up: 1 });
  await broker.flux.call(groups.join, { name: "broker.online" });
  await up;
  expect(await broker.flux.call(resource.status)).toMatchObject({ online: "0", offline: "" });
});

test("configured resources are in force from the start", async () => {
  await using broker = await leader({ exclude: "n3" });
  const status = await broker.flux.call(resource.status);
  expect(status).toMatchObject({ online: "0-3", exclude: "3", drain: {} });
  expect(status.R.execution).toMatchObject({
    R_lite: [{ rank: "0-3", children: { core: "0-3", gpu: "0" } }],
    nodelist: ["n[0-3]"],
    properties: { fast: "0-3" },
  });
});

test("drained targets are shown by reason, until they are undrained", async () => {
  await using broker = await leader();
  const { flux } = broker;
  await flux.call(resource.drain, { targets: "1-2", reason: "bad" });
  await flux.call(resource.drain, { targets: "n0" });
  const { drain } = await flux.call(resource.status);
  expect(Object.entries(drain).map(([ranks, { reason }]) => [ranks, reason])).toEqual([
    ["0", ""],
    ["1-2", "bad"],
  ]);
  await flux.call(resource.undrain, { targets: "0-2" });
  expect((await flux.call(resource.status)).drain).toEqual({});
});

test("drain requests that make no sense are refused with flux-core's texts", async () => {
  await using broker = await leader({ exclude: "3" });
  const drain = (targets: string, mode?: string) =>
    refusal(broker.flux.call(resource.drain, { targets, mode, reason: "x" }));
  expect(await drain("1")).toBe("accepted");
  expect(await drain("0-1")).toBe("rank 1 already drained");
  expect(await drain("1", "update")).toBe("accepted");
  expect(await drain("1,3")).toBe("ranks 1,3 already drained or excluded");
  expect(await drain("3")).toBe("rank 3 excluded");
  expect(await drain("4")).toBe("idset is out of range");
  expect(await drain("")).toBe("idset is empty");
  expect(await drain("n9")).toBe("invalid targets: invalid hosts: n9");
  expect(await drain("1", "sometimes")).toBe("Invalid mode specified");
  const undrain = (targets: string, mode?: string) =>
    refusal(broker.flux.call(resource.undrain, { targets, mode }));
  expect(await undrain("0,2")).toBe("ranks 0,2 not drained");
  expect(await undrain("0", "never")).toBe("invalid undrain mode 'never' specified");
});

test("drain state outlives the module", async () => {
  await using broker = await leader();
  await broker.flux.call(resource.drain, { targets: "2", reason: "broken" });
  const { drain } = await broker.flux.call(resource.status);
  await broker.unload("resource");
  await broker.load(resourceModule, ["monitor-force-up"]);
  expect((await broker.flux.call(resource.status)).drain).toEqual(drain);
});

test("resources that are in the KVS are used again by a reloaded module", async () => {
  await using broker = await testBroker({ modules: [...modules, resourceModule] });
  const { R } = await broker.flux.call(resource.get);
  await broker.unload("resource");
  await broker.load(resourceModule);
  expect(await broker.flux.call(resource.get)).toEqual({ R, method: "kvs" });
});

test("a host that has less than R says drains itself", async () => {
  const table = { config: [{ hosts: "n[0-3]", cores: "0-9999" }], noverify: false };
  await using broker = await leader({ ...table, verify: { hostname: "ignore" } });
  const { drain } = await broker.flux.call(resource.status);
  expect(drain["0"]?.reason).toMatch(/^rank 0 \(.*\) missing resources: core/);
});

test("a guest may look at the status and at nothing else", async () => {
  await using broker = await leader();
  const guest = broker.connect({ userid: 7, rolemask: 2 });
  expect((await guest.call(resource.status)).online).toBe("0-3");
  expect(await refusal(guest.call(resource.drain, { targets: "0" }))).toBe(
    "Request requires owner credentials",
  );
});

test("the scheduler's view has what is down and, without a job manager, nothing allocated", async () => {
  await using broker = await leader({ exclude: "0" });
  await broker.flux.call(resource.drain, { targets: "1" });
  await broker.flux.call(resource.monitorForceDown, { ranks: "2" });
  const { all, down, allocated } = await broker.flux.call(resource.schedStatus);
  expect(all.execution).toMatchObject({ R_lite: [{ rank: "1-3" }] });
  expect(down.execution).toMatchObject({ R_lite: [{ rank: "1-2" }] });
  expect(allocated.execution).toMatchObject({ R_lite: [], nodelist: [""] });
});

test("the topology is hwloc XML with this host's name", async () => {
  await using broker = await testBroker({ modules: [...modules, resourceModule] });
  const xml = await broker.flux.call(resource.topoGet);
  expect(xml).toMatch(/^<\?xml version="1.0"/);
  expect(xml).toContain('<object type="Machine"');
});

test("a wrong configuration is refused by name", async () => {
  expect(await refusal(leader({ bogus: 1 }))).not.toBe("accepted");
  expect(await refusal(leader({ exclude: "7" }))).not.toBe("accepted");
  expect(await refusal(leader({}, ["bogus"]))).not.toBe("accepted");
});

test("on other ranks than 0 only the local services answer", async () => {
  await using broker = await testBroker({
    modules,
    rank: 1,
    size: 2,
    attrs: { hostlist: "n[0-1]", "tbon.descendants": "0" },
    config: { resource: { config: [{ hosts: "n[0-1]", cores: "0" }], noverify: true } },
  });
  await broker.load(resourceModule);
  expect(await refusal(broker.flux.call(resource.status))).toBe("this RPC only works on rank 0");
  expect((await broker.flux.call(resource.get)).R).toMatchObject({ version: 1 });
  const drain = broker.flux.call(resource.drain, { targets: "0" }, { nodeid: 1 });
  await drain.catch((error) => expect(isErrno(error, "ENOSYS")).toBe(true));
});
