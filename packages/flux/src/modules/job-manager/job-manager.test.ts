import type { Flux } from "@flux-ts/client/handle";
import { later } from "@flux-ts/client/request";
import { f58, formatJobId, type JobId } from "@flux-ts/protocol/job/fluid";
import { fromCommand } from "@flux-ts/protocol/job/from-command";
import { setAttribute } from "@flux-ts/protocol/job/jobspec";
import { wrapNone } from "@flux-ts/protocol/job/sign";
import { checkTreeObject, valBytes } from "@flux-ts/protocol/kvs/treeobj";
import { Role } from "@flux-ts/protocol/message/credential";
import { Message, MessageType } from "@flux-ts/protocol/message/message";
import { decodeUtf8, encodeUtf8 } from "@flux-ts/protocol/message/text";
import type { Json, JsonObject } from "@flux-ts/protocol/schema/json";
import { execService } from "@flux-ts/protocol/services/exec-start";
import { JobFlag, jobIngest } from "@flux-ts/protocol/services/job-ingest";
import { type JournalEntry, jobManager } from "@flux-ts/protocol/services/job-manager";
import { kvs } from "@flux-ts/protocol/services/kvs";
import { sched } from "@flux-ts/protocol/services/sched";
import { type TestBroker, testBroker, testOwner } from "@flux-ts/testing/broker";
import { testR } from "@flux-ts/testing/test-manager";
import { expect, test } from "vitest";
import content from "../content/content.ts";
import jobIngestModule from "../job-ingest/job-ingest.ts";
import kvsModule from "../kvs/kvs.ts";
import jobManagerModule from "./job-manager.ts";

const modules = [content, kvsModule, jobManagerModule, jobIngestModule];

function request(args: JsonObject = {}, system: Record<string, Json> = {}) {
  const jobspec = fromCommand(["app"]);
  for (const [name, value] of Object.entries(system)) setAttribute(jobspec, name, value);
  const J = wrapNone(encodeUtf8(JSON.stringify(jobspec)), testOwner);
  return { J, urgency: 16, flags: 0, ...args };
}

async function submit(broker: TestBroker, args: JsonObject = {}, system = {}): Promise<JobId> {
  return (await broker.flux.call(jobIngest.submit, request(args, system))).id;
}

async function kvsText(flux: Flux, id: JobId, name: string): Promise<string> {
  const key = `${formatJobId(id, "kvs")}.${name}`;
  const { val } = await flux.call(kvs.lookup, { key, flags: 0, namespace: "primary" });
  const object = checkTreeObject(val);
  return object.type === "val" ? decodeUtf8(valBytes(object)) : "";
}

async function eventNames(broker: TestBroker, id: JobId): Promise<string[]> {
  const text = await kvsText(broker.flux, id, "eventlog");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { name: string }).name);
}

/** A scheduler that grants everything. */
async function startScheduler(broker: TestBroker): Promise<Flux> {
  const flux = broker.connect();
  await flux.addService("sched");
  flux.serve(sched.alloc, ({ id }, req) => {
    req.respond({ id, type: 0, R: { ...testR, scheduling: {} } });
    return later;
  });
  flux.serve(sched.free, () => later);
  flux.serve(sched.cancel, () => {});
  for await (const _job of flux.stream(jobManager.schedHello, {})) {
    // Nothing runs yet.
  }
  await flux.call(jobManager.schedReady, { mode: "unlimited" });
  return flux;
}

/** An execution service whose jobs end at once, with this status. */
async function startExec(broker: TestBroker, status = 0): Promise<Flux> {
  const flux = broker.connect();
  await flux.addService("job-exec");
  flux.serve(execService("job-exec").start, ({ id }, req) => {
    const answer = (type: string, data: JsonObject): void => {
      const payload = execService("").start.response.encode({ id, type, data });
      flux.sendMessage(
        new Message({ ...req.message.response(0, payload), type: MessageType.Response }),
      );
    };
    answer("start", {});
    answer("finish", { status });
    answer("release", { ranks: "all", final: true });
    return later;
  });
  await flux.call(jobManager.execHello, { service: "job-exec" });
  return flux;
}

test("a submitted job is in the KVS when its id is told, without its environment", async () => {
  await using broker = await testBroker({ modules });
  const id = await submit(broker, {}, { environment: { HOME: "/root" } });
  expect(await eventNames(broker, id)).toEqual(["submit", "validate", "depend", "priority"]);
  expect(JSON.parse(await kvsText(broker.flux, id, "jobspec"))).not.toHaveProperty(
    "attributes.system.environment",
  );
  expect(await kvsText(broker.flux, id, "J")).toContain(".none");
});

test("a job goes from submission to its end", async () => {
  await using broker = await testBroker({ modules });
  await startScheduler(broker);
  await startExec(broker);
  const id = await submit(broker, { flags: JobFlag.Waitable });
  const result = await broker.flux.call(jobManager.wait, { id });
  expect(result).toEqual({ id, success: true, errstr: "" });
  await broker.flux.call(jobManager.drain);
  expect(await eventNames(broker, id)).toEqual([
    "submit",
    "validate",
    "depend",
    "priority",
    "alloc",
    "start",
    "finish",
    "release",
    "free",
    "clean",
  ]);
});

test("inactive jobs are answered for from the KVS", async () => {
  await using broker = await testBroker({ modules });
  await startScheduler(broker);
  await startExec(broker, 256);
  const id = await submit(broker);
  await broker.flux.call(jobManager.drain);
  const attrs = ["eventlog", "R", "jobspec"];
  const found = await broker.flux.call(jobManager.getattr, { id, attrs }).catch((error) => error);
  expect(found).toMatchObject({ message: "R is NULL" });
  const { eventlog } = await broker.flux.call(jobManager.getattr, { id, attrs: ["eventlog"] });
  expect(eventlog).toHaveLength(10);
  await expect(
    broker.flux.call(jobManager.raise, { id, severity: 0, type: "cancel" }),
  ).rejects.toMatchObject({ code: "ENOENT", message: "job is inactive" });
  await expect(broker.flux.call(jobManager.kill, { id, signum: 15 })).rejects.toMatchObject({
    code: "EINVAL",
  });
});

test("the journal tells the past, a mark, then what happens", async () => {
  await using broker = await testBroker({ modules });
  await startScheduler(broker);
  await startExec(broker);
  const past = await submit(broker);
  await broker.flux.call(jobManager.drain);
  const stream = broker.flux.stream(
    jobManager.eventsJournal,
    { full: true, deny: { annotations: 1 } },
    { cancel: jobManager.eventsJournalCancel },
  );
  const first = await stream.first();
  expect(first.id).toBe(past);
  expect(first.events.map(({ name }) => name)).toHaveLength(10);
  expect(first.jobspec).toMatchObject({ version: 1 });
  expect(await stream.first()).toEqual({ id: -1n, events: [] });
  const id = await submit(broker);
  const live: JournalEntry[] = [];
  for await (const entry of stream) {
    live.push(entry);
    if (entry.events.at(-1)?.name === "clean") break;
  }
  expect(live.every((entry) => entry.id === id)).toBe(true);
  expect(live[0]?.jobspec).toMatchObject({ version: 1 });
  expect(live.find(({ events }) => events.some(({ name }) => name === "alloc"))?.R).toEqual(testR);
});

test("jobs go on after the job manager is reloaded", async () => {
  await using broker = await testBroker({ modules });
  const id = await submit(broker);
  await broker.flux.call(jobManager.queueStart, { start: false, all: false, reason: "night" });
  await broker.unload("job-ingest");
  await broker.unload("job-manager");
  await broker.load(jobManagerModule);
  await broker.load(jobIngestModule);
  const { jobs } = await broker.flux.call(jobManager.list, { max_entries: 0 });
  expect(jobs).toMatchObject([{ id, state: 8, priority: 16 }]);
  const next = await submit(broker);
  expect(next > id).toBe(true);
  await startScheduler(broker);
  expect(await broker.flux.call(jobManager.queueStatus, {})).toEqual({
    enable: true,
    start: false,
    stop_reason: "night",
  });
});

test("a job whose log cannot be read is put aside", async () => {
  await using broker = await testBroker({ modules });
  const id = await submit(broker);
  await broker.unload("job-ingest");
  await broker.unload("job-manager");
  const key = `${formatJobId(id, "kvs")}.eventlog`;
  const dirent = { ver: 1, type: "val", data: "e30K" };
  const ops = [{ key, flags: 0, dirent }];
  await broker.flux.call(kvs.commit, { namespace: "primary", flags: 0, ops });
  await broker.load(jobManagerModule);
  const { jobs } = await broker.flux.call(jobManager.list, { max_entries: 0 });
  expect(jobs).toEqual([]);
  const lost = `job-lost+found.job.${f58(id)}.eventlog`;
  const { val } = await broker.flux.call(kvs.lookup, { key: lost, flags: 0, namespace: "primary" });
  expect(val).toMatchObject(dirent);
});

test("guests are refused what is the owner's, and the jobs of others", async () => {
  await using broker = await testBroker({ modules });
  const id = await submit(broker);
  const guest = broker.connect({ userid: 1001, rolemask: Role.User });
  await expect(guest.call(jobManager.list, { max_entries: 0 })).rejects.toMatchObject({
    code: "EPERM",
  });
  await expect(guest.call(jobManager.urgency, { id, urgency: 1 })).rejects.toMatchObject({
    code: "EPERM",
  });
  expect(await guest.call(jobManager.historyGet, { slice: "[:]" })).toEqual({ jobs: [] });
  expect(await broker.flux.call(jobManager.historyGet, { slice: "[:]" })).toEqual({ jobs: [id] });
});

test("a job that the job manager refuses is not in the KVS", async () => {
  await using broker = await testBroker({ modules });
  const dependencies = [{ scheme: "nope", value: "x" }];
  await expect(submit(broker, {}, { dependencies })).rejects.toMatchObject({
    code: "EINVAL",
    message: 'dependency scheme "nope" not supported',
  });
  await submit(broker);
  const { jobs } = await broker.flux.call(jobManager.list, { max_entries: 0 });
  expect(jobs).toHaveLength(1);
});

test("purged jobs leave the KVS, and ids are never given again", async () => {
  await using broker = await testBroker({ modules });
  await startScheduler(broker);
  await startExec(broker);
  const id = await submit(broker);
  await broker.flux.call(jobManager.drain);
  const purge = { age_limit: -1, num_limit: 0, batch: 100 };
  expect(await broker.flux.call(jobManager.purge, { ...purge, force: false })).toEqual({
    count: 1,
  });
  expect(await broker.flux.call(jobManager.purge, { ...purge, force: true })).toEqual({ count: 1 });
  await expect(kvsText(broker.flux, id, "J")).rejects.toMatchObject({ code: "ENOENT" });
  await broker.unload("job-ingest");
  await broker.unload("job-manager");
  await broker.load(jobManagerModule);
  expect(await broker.flux.call(jobManager.getinfo)).toEqual({ max_jobid: id });
});
