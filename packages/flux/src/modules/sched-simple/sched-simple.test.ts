import { Kvs } from "@flux-ts/client/kvs";
import { later } from "@flux-ts/client/request";
import { formatJobId, type JobId } from "@flux-ts/protocol/job/fluid";
import { fromCommand } from "@flux-ts/protocol/job/from-command";
import { setAttribute } from "@flux-ts/protocol/job/jobspec";
import { wrapNone } from "@flux-ts/protocol/job/sign";
import { encodeUtf8 } from "@flux-ts/protocol/message/text";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { execService } from "@flux-ts/protocol/services/exec-start";
import { feasibility } from "@flux-ts/protocol/services/feasibility";
import { JobFlag, jobIngest } from "@flux-ts/protocol/services/job-ingest";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { moduleDefaults } from "@flux-ts/protocol/services/module";
import { resource } from "@flux-ts/protocol/services/resource";
import { sched } from "@flux-ts/protocol/services/sched";
import { type TestBroker, testBroker, testOwner } from "@flux-ts/testing/broker";
import { expect, test } from "vitest";
import content from "../content/content.ts";
import groups from "../groups/groups.ts";
import jobIngestModule from "../job-ingest/job-ingest.ts";
import jobManagerModule from "../job-manager/job-manager.ts";
import kvsModule from "../kvs/kvs.ts";
import resourceModule from "../resource/resource.ts";
import schedSimple from "./sched-simple.ts";

/** An instance of four ranks of two cores, all up, with a scheduler; jobs end when told. */
async function instance(): Promise<{ broker: TestBroker; finish(id: JobId): void }> {
  const broker = await testBroker({
    modules: [groups, content, kvsModule],
    size: 4,
    attrs: { hostlist: "n[0-3]", "tbon.descendants": "3" },
    config: { resource: { config: [{ hosts: "n[0-3]", cores: "0-1" }], noverify: true } },
  });
  await broker.load(resourceModule, ["monitor-force-up"]);
  await broker.load(jobManagerModule);
  await broker.load(jobIngestModule);
  const finish = await manualExec(broker);
  await broker.load(schedSimple);
  return { broker, finish };
}

/** An execution service that starts jobs at once and ends them when the test says so. */
async function manualExec(broker: TestBroker): Promise<(id: JobId) => void> {
  const flux = broker.connect();
  const service = execService("job-exec");
  const answers = new Map<JobId, (type: string, data: JsonObject) => void>();
  await flux.addService("job-exec");
  flux.serve(service.start, ({ id }, { message }) => {
    const answer = (type: string, data: JsonObject): void =>
      flux.sendMessage(message.response(0, service.start.response.encode({ id, type, data })));
    answers.set(id, answer);
    answer("start", {});
    return later;
  });
  await flux.call(jobManager.execHello, { service: "job-exec" });
  return (id) => {
    answers.get(id)?.("finish", { status: 0 });
    answers.get(id)?.("release", { ranks: "all", final: true });
  };
}

async function submit(broker: TestBroker, ntasks: number, system: JsonObject = {}): Promise<JobId> {
  const jobspec = fromCommand(["app"], { ntasks });
  for (const [key, value] of Object.entries(system)) setAttribute(jobspec, key, value ?? null);
  const J = wrapNone(encodeUtf8(JSON.stringify(jobspec)), testOwner);
  const args = { J, urgency: 16, flags: JobFlag.Waitable };
  return (await broker.flux.call(jobIngest.submit, args)).id;
}

/** Resolves when a job has had this event. */
async function event(broker: TestBroker, id: JobId, wanted: string): Promise<JsonObject> {
  for await (const entry of broker.flux.stream(jobManager.eventsJournal, { full: true })) {
    if (entry.id !== id) continue;
    for (const { name, context } of entry.events) {
      if (name === wanted) return (context ?? {}) as JsonObject;
    }
  }
  throw new Error("the journal ended");
}

test("a job gets resources, and R is in the KVS", async () => {
  const { broker, finish } = await instance();
  await using _ = broker;
  const id = await submit(broker, 3);
  const { annotations } = await event(broker, id, "alloc");
  expect(annotations).toEqual({
    sched: { resource_summary: "rank0/core[0-1] rank1/core0" },
  });
  const R = JSON.parse(
    await new Kvs(broker.flux, "primary").getText(`${formatJobId(id, "kvs")}.R`),
  );
  expect(R.execution).toMatchObject({
    R_lite: [
      { rank: "0", children: { core: "0-1" } },
      { rank: "1", children: { core: "0" } },
    ],
    nslots: 3,
    nodelist: ["n[0-1]"],
    expiration: 0,
  });
  finish(id);
  expect(await broker.flux.call(jobManager.wait, { id })).toMatchObject({ success: true });
});

test("jobs run in order as resources become free", async () => {
  const { broker, finish } = await instance();
  await using _ = broker;
  const ids = [await submit(broker, 8), await submit(broker, 8), await submit(broker, 1)];
  for (const id of ids) {
    await event(broker, id, "start");
    finish(id);
    await broker.flux.call(jobManager.wait, { id });
  }
});

test("a job that can never run fails with the reason", async () => {
  const { broker } = await instance();
  await using _ = broker;
  const id = await submit(broker, 9);
  expect(await event(broker, id, "exception")).toMatchObject({
    type: "alloc",
    severity: 0,
    note:
      "unsatisfiable request: need 9 slot(s) of 1 core(s), only 8 such slot(s) available " +
      "(total cores: 8)",
  });
});

test("a waiting job can be cancelled", async () => {
  const { broker } = await instance();
  await using _ = broker;
  await event(broker, await submit(broker, 8), "start");
  const id = await submit(broker, 8);
  await event(broker, id, "priority");
  await broker.flux.call(jobManager.raise, { id, severity: 0, type: "cancel" });
  await event(broker, id, "clean");
});

test("drained nodes get no new jobs, until they are undrained", async () => {
  const { broker } = await instance();
  await using _ = broker;
  await broker.flux.call(resource.drain, { targets: "0-2" });
  const id = await submit(broker, 2);
  expect(await event(broker, id, "alloc")).toEqual({
    annotations: { sched: { resource_summary: "rank3/core[0-1]" } },
  });
  const waiting = await submit(broker, 2);
  const allocated = event(broker, waiting, "alloc");
  await broker.flux.call(resource.undrain, { targets: "1" });
  expect(await allocated).toEqual({
    annotations: { sched: { resource_summary: "rank1/core[0-1]" } },
  });
});

test("a reloaded scheduler knows what running jobs hold", async () => {
  const { broker } = await instance();
  await using _ = broker;
  await event(broker, await submit(broker, 6), "start");
  await broker.unload("sched-simple");
  await broker.load(schedSimple);
  const id = await submit(broker, 2);
  expect(await event(broker, id, "alloc")).toEqual({
    annotations: { sched: { resource_summary: "rank3/core[0-1]" } },
  });
  const { allocated } = await broker.flux.call(sched.resourceStatus);
  expect(allocated.execution).toMatchObject({ R_lite: [{ rank: "0-3" }] });
});

test("waiting jobs are told when they will start", async () => {
  const { broker } = await instance();
  await using _ = broker;
  const first = await submit(broker, 8, { duration: 60 });
  const { expiration } = await event(broker, first, "alloc").then(async () => {
    const { jobs } = await broker.flux.call(jobManager.list, { max_entries: 0 });
    expect(jobs).toHaveLength(1);
    const key = `${formatJobId(first, "kvs")}.R`;
    return JSON.parse(await new Kvs(broker.flux, "primary").getText(key)).execution;
  });
  const second = await submit(broker, 1);
  for await (const entry of broker.flux.stream(jobManager.eventsJournal, {})) {
    const annotated = entry.events.find(({ name }) => name === "annotations");
    if (entry.id !== second || !annotated) continue;
    expect(annotated.context).toEqual({ annotations: { sched: { t_estimate: expiration } } });
    break;
  }
});

test("feasibility is answered from the whole of the resources", async () => {
  const { broker } = await instance();
  await using _ = broker;
  const check = (ntasks: number) =>
    broker.flux.call(feasibility.check, {
      jobspec: fromCommand(["app"], { ntasks }) as unknown as JsonObject,
    });
  await check(8);
  await expect(check(9)).rejects.toMatchObject({ code: "EOVERFLOW" });
  const nonsense = broker.flux.call(feasibility.check, { jobspec: { resources: [], version: 1 } });
  await expect(nonsense).rejects.toMatchObject({ code: "EINVAL" });
});

test("statistics have the keys that flux-core's tools read", async () => {
  const { broker } = await instance();
  await using _ = broker;
  await event(broker, await submit(broker, 1), "alloc");
  const stats = await broker.flux.call(moduleDefaults("sched-simple").statsGet);
  expect(stats).toMatchObject({ pending_jobs: 0, sched_yields: 0, sched_delay: 0 });
  expect(stats.sched_passes).toBeGreaterThan(0);
});
