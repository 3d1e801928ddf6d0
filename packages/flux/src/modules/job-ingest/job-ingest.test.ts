import type { JobId } from "@flux-ts/protocol/job/fluid";
import { fromCommand } from "@flux-ts/protocol/job/from-command";
import { setAttribute } from "@flux-ts/protocol/job/jobspec";
import { wrapNone } from "@flux-ts/protocol/job/sign";
import { encodeUtf8 } from "@flux-ts/protocol/message/text";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json, JsonObject } from "@flux-ts/protocol/schema/json";
import { feasibility } from "@flux-ts/protocol/services/feasibility";
import { JobFlag, jobIngest } from "@flux-ts/protocol/services/job-ingest";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { type TestBroker, testBroker, testOwner } from "@flux-ts/testing/broker";
import { expect, test } from "vitest";
import content from "../content/content.ts";
import jobManagerModule from "../job-manager/job-manager.ts";
import kvsModule from "../kvs/kvs.ts";
import jobIngestModule from "./job-ingest.ts";

const modules = [content, kvsModule, jobManagerModule];

async function start(config: JsonObject = {}, args: string[] = []): Promise<TestBroker> {
  const broker = await testBroker({ modules, config });
  await broker.load(jobIngestModule, args);
  return broker;
}

function submit(broker: TestBroker, jobspec: Json, flags = 0): Promise<{ id: JobId }> {
  const J = wrapNone(encodeUtf8(JSON.stringify(jobspec)), testOwner);
  return broker.flux.call(jobIngest.submit, { J, urgency: 16, flags });
}

function jobspecWith(attributes: Record<string, Json> = {}): JsonObject {
  const jobspec = fromCommand(["app"]);
  for (const [name, value] of Object.entries(attributes)) setAttribute(jobspec, name, value);
  return jobspec as unknown as JsonObject;
}

async function jobspecOf(broker: TestBroker, id: JobId): Promise<JsonObject> {
  const { jobspec } = await broker.flux.call(jobManager.getattr, { id, attrs: ["jobspec"] });
  return jobspec as JsonObject;
}

test("many submissions at once all get ids of their own, in order", async () => {
  await using broker = await start();
  const answers = await Promise.all(
    Array.from({ length: 300 }, () => submit(broker, jobspecWith())),
  );
  const ids = answers.map(({ id }) => id);
  expect(new Set(ids).size).toBe(300);
  expect([...ids].sort((a, b) => (a < b ? -1 : 1))).toEqual(ids);
  const { jobs } = await broker.flux.call(jobManager.list, { max_entries: 0 });
  expect(jobs.map(({ id }) => id)).toEqual(ids);
});

test("the validator's texts come with errno 1, as flux-core's do", async () => {
  await using broker = await start();
  const { attributes: _attributes, ...rest } = jobspecWith();
  await expect(submit(broker, rest)).rejects.toMatchObject({
    code: "EPERM",
    message: "Missing key (attributes)",
  });
  const constraints = { hostlist: ["nowhere"] };
  await expect(submit(broker, jobspecWith({ constraints }))).rejects.toMatchObject({
    code: "EPERM",
  });
  await expect(submit(broker, rest, JobFlag.NoValidate)).resolves.toBeDefined();
});

test("one refused job does not hold up the others of its batch", async () => {
  await using broker = await start();
  const bad = jobspecWith({ dependencies: [{ scheme: "nope", value: "" }] });
  const results = await Promise.allSettled([
    submit(broker, jobspecWith()),
    submit(broker, bad),
    submit(broker, jobspecWith()),
  ]);
  expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
});

test("defaults and queue constraints are applied on the way in", async () => {
  const config = {
    policy: { jobspec: { defaults: { system: { duration: "10m", queue: "batch" } } } },
    queues: { batch: { requires: ["big"] } },
  };
  await using broker = await start(config);
  const { id } = await submit(broker, jobspecWith());
  expect(await jobspecOf(broker, id)).toMatchObject({
    attributes: {
      system: { duration: 600, queue: "batch", constraints: { properties: ["big"] } },
    },
  });
  await expect(submit(broker, jobspecWith({ queue: "x" }))).rejects.toMatchObject({
    code: "EPERM",
    message: "Invalid queue 'x' specified",
  });
});

test("the feasibility validator asks the scheduler, if there is one", async () => {
  await using broker = await start({}, ["validator-plugins=jobspec,feasibility"]);
  await expect(submit(broker, jobspecWith())).resolves.toBeDefined();
  const scheduler = broker.connect();
  await scheduler.addService("feasibility");
  scheduler.serve(feasibility.check, () => {
    throw new FluxError("EOVERFLOW", "unsatisfiable request: too big");
  });
  await expect(submit(broker, jobspecWith())).rejects.toMatchObject({
    code: "EOVERFLOW",
    message: "unsatisfiable request: too big",
  });
});

test("a new configuration holds for the next submission", async () => {
  await using broker = await start();
  const ingest = { validator: { disable: true } };
  await broker.flux.rpc("job-ingest.config-reload", { ingest });
  await expect(submit(broker, jobspecWith({ constraints: { x: 1 } }))).resolves.toBeDefined();
  await expect(
    broker.flux.rpc("job-ingest.config-reload", { ingest: { validator: { plugins: 7 } } }),
  ).rejects.toMatchObject({ code: "EINVAL" });
});

test("jobs are counted where they are looked at", async () => {
  await using broker = await start();
  await submit(broker, jobspecWith());
  await submit(broker, {}).catch(() => {});
  const stats = await broker.flux.call(jobIngest.statsGet);
  const idle = { running: 0, trash: 0, backlog: 0, pids: [0, 0, 0, 0] };
  expect(stats).toEqual({
    pipeline: {
      frobnicator: { ...idle, requests: 0, errors: 0 },
      validator: { ...idle, requests: 2, errors: 1 },
    },
  });
});

test("ranks without a generator number leave the service to their parents", async () => {
  await using broker = await testBroker({ rank: 2, size: 3 });
  await broker.load(jobIngestModule, ["max-fluid-generator-id=1"]).catch(() => {});
  expect(broker.core.modules.all).toEqual([]);
});

test("a batch of fixed size waits until it is full", async () => {
  await using broker = await start({}, ["batch-count=2"]);
  const first = submit(broker, jobspecWith());
  const early = await Promise.race([first, new Promise((resolve) => setImmediate(resolve))]);
  expect(early).toBeUndefined();
  await Promise.all([first, submit(broker, jobspecWith())]);
});
