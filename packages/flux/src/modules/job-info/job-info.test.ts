import { encodeEventlog } from "@flux-ts/protocol/job/eventlog";
import { formatJobId, toJobId } from "@flux-ts/protocol/job/fluid";
import { val } from "@flux-ts/protocol/kvs/treeobj";
import { Role } from "@flux-ts/protocol/message/credential";
import { encodeUtf8 } from "@flux-ts/protocol/message/text";
import type { Json } from "@flux-ts/protocol/schema/json";
import { jobInfo } from "@flux-ts/protocol/services/job-info";
import { kvs, primaryNamespace } from "@flux-ts/protocol/services/kvs";
import { type TestBroker, testBroker } from "@flux-ts/testing/broker";
import { expect, test } from "vitest";
import content from "../content/content.ts";
import kvsModule from "../kvs/kvs.ts";
import kvsWatch from "../kvs-watch/kvs-watch.ts";
import module from "./job-info.ts";

const id = toJobId(42);
const owner = 1234;

const start = (): Promise<TestBroker> =>
  testBroker({ modules: [content, kvsModule, kvsWatch, module] });

async function put(broker: TestBroker, key: string, text: string): Promise<void> {
  const dirent = val(encodeUtf8(text)) as unknown as Json;
  const ops = [{ key: `${formatJobId(id, "kvs")}.${key}`, flags: 0, dirent }];
  await broker.flux.call(kvs.commit, { namespace: primaryNamespace, flags: 0, ops });
}

const events = (...names: string[]): string =>
  encodeEventlog(
    names.map((name) => ({
      timestamp: 1,
      name,
      ...(name === "submit" && { context: { userid: owner, urgency: 16, flags: 0, version: 1 } }),
    })),
  );

async function watch(broker: TestBroker, path: string): Promise<string[]> {
  const seen: string[] = [];
  for await (const { event } of broker.flux.stream(jobInfo.eventlogWatch, { id, path, flags: 0 })) {
    if (event !== undefined) seen.push(event);
  }
  return seen;
}

test("the main eventlog is told line by line, and ends after clean", async () => {
  await using broker = await start();
  await put(broker, "eventlog", events("submit", "validate", "clean"));
  expect(await watch(broker, "eventlog")).toHaveLength(3);
});

test("a guest's eventlog of a job that is over is read from where it was kept", async () => {
  await using broker = await start();
  await put(broker, "guest.exec.eventlog", events("init", "done"));
  await put(broker, "eventlog", events("submit", "alloc", "start", "release", "clean"));
  expect(await watch(broker, "guest.exec.eventlog")).toHaveLength(2);
});

test("a job that never ran has no guest, which is no error", async () => {
  await using broker = await start();
  await put(broker, "eventlog", events("submit", "exception", "clean"));
  expect(await watch(broker, "guest.exec.eventlog")).toEqual([]);
});

test("lookup tells apart a job and a key that do not exist", async () => {
  await using broker = await start();
  await put(broker, "eventlog", events("submit"));
  const lookup = (job: number, key: string) =>
    broker.flux.call(jobInfo.lookup, { id: toJobId(job), keys: [key], flags: 0 });
  await expect(lookup(42, "nosuch")).rejects.toThrow("nosuch: key not found");
  await expect(lookup(7, "eventlog")).rejects.toThrow("invalid job id");
});

test("guests see their own jobs only", async () => {
  await using broker = await start();
  await put(broker, "eventlog", events("submit"));
  const lookup = (userid: number) =>
    broker
      .connect({ userid, rolemask: Role.User })
      .call(jobInfo.lookup, { id, keys: ["eventlog"], flags: 0 });
  await expect(lookup(owner)).resolves.toMatchObject({ id });
  await expect(lookup(owner + 1)).rejects.toMatchObject({ code: "EPERM" });
});
