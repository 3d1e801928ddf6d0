import type { JobId } from "@flux-ts/protocol/job/fluid";
import { jobList } from "@flux-ts/protocol/services/job-list";
import type { JournalEntry } from "@flux-ts/protocol/services/job-manager";
import { type TestBroker, testBroker } from "@flux-ts/testing/broker";
import { FakeJournal } from "@flux-ts/testing/journal";
import { expect, test } from "vitest";
import jobListModule from "./job-list.ts";

/** A job that has had these events. */
function entry(id: number, ...names: string[]): JournalEntry {
  const context = { userid: 500, urgency: 16, version: 1, priority: 16, status: 0 };
  return {
    id: BigInt(id) as JobId,
    events: names.map((name, i) => ({ name, timestamp: id + i / 100, context })),
  };
}
const whole = ["submit", "validate", "depend", "priority", "alloc", "finish", "clean"];

async function started(source: FakeJournal): Promise<TestBroker> {
  const broker = await testBroker({ modules: source.modules });
  await broker.load(jobListModule);
  return broker;
}

test("requests wait until the journal has told the past", async () => {
  const source = new FakeJournal().hold();
  source.past.push(entry(1, ...whole));
  await using broker = await started(source);
  const listed = broker.flux.call(jobList.list, { max_entries: 0, attrs: [] });
  const stats = broker.flux.call(jobList.jobStats);
  source.tellPast();
  expect((await listed).jobs).toEqual([{ id: 1n }]);
  expect((await stats).successful).toBe(1);
});

test("a long list streams in several responses, in order", async () => {
  const source = new FakeJournal();
  for (let id = 1; id <= 600; id++) source.past.push(entry(id, ...whole));
  await using broker = await started(source);
  const sizes: number[] = [];
  const ids: JobId[] = [];
  const request = { max_entries: 0, attrs: ["all"] };
  for await (const { jobs } of broker.flux.stream(jobList.list, request)) {
    sizes.push(jobs.length);
    ids.push(...jobs.map(({ id }) => id));
  }
  expect(sizes).toEqual([250, 250, 100]);
  expect(ids).toEqual(Array.from({ length: 600 }, (_, i) => BigInt(600 - i)));
});

test("paused, the service shows jobs as they were; then it catches up", async () => {
  const source = new FakeJournal();
  await using broker = await started(source);
  const count = async (): Promise<number> =>
    (await broker.flux.call(jobList.list, { max_entries: 0, attrs: [] })).jobs.length;
  await broker.flux.call(jobList.jobStatePause);
  source.tell(entry(1, ...whole));
  expect(await count()).toBe(0);
  await broker.flux.call(jobList.jobStateUnpause);
  expect(await count()).toBe(1);
});

test("watchers of the numbers are told of changes, several at once", async () => {
  const source = new FakeJournal();
  await using broker = await started(source);
  const stats = broker.flux.stream(jobList.jobStats);
  expect((await stats.first()).job_states.total).toBe(0);
  for (let id = 1; id <= 5; id++) source.tell(entry(id, "submit", "validate"));
  expect((await stats.first()).job_states).toMatchObject({ depend: 5, total: 5 });
  expect((await broker.flux.call(jobList.statsGet)).stats_watchers).toBe(1);
});

test("purged jobs are gone", async () => {
  const source = new FakeJournal();
  source.past.push(entry(1, ...whole), entry(2, ...whole));
  await using broker = await started(source);
  broker.flux.publish("job-purge-inactive", { jobs: [1n] });
  const purged = async (): Promise<number> =>
    (await broker.flux.call(jobList.jobStats)).inactive_purged;
  await expect.poll(purged).toBe(1);
  const { jobs } = await broker.flux.call(jobList.list, { max_entries: 0, attrs: [] });
  expect(jobs).toEqual([{ id: 2n }]);
});

test("a request for a job that turns out invalid is answered ENOENT", async () => {
  const source = new FakeJournal();
  const id = 3n as JobId;
  source.stored.add(id);
  await using broker = await started(source);
  const asked = broker.flux.call(jobList.listId, { id, attrs: [] });
  const waits = async (): Promise<number | undefined> =>
    (await broker.flux.call(jobList.statsGet)).idsync?.waits;
  await expect.poll(waits).toBe(1);
  source.tell(entry(3, "submit", "invalidate"));
  await expect(asked).rejects.toMatchObject({ code: "ENOENT" });
});

test("when the job manager ends the journal, the module ends", async () => {
  const source = new FakeJournal();
  await using broker = await started(source);
  source.end();
  const names = (): string[] => broker.core.modules.all.map(({ name }) => name);
  await expect.poll(names).not.toContain("job-list");
});

test("a configuration that makes no sense is refused", async () => {
  const source = new FakeJournal();
  await using broker = await started(source);
  const reload = (config: object): Promise<unknown> =>
    broker.flux.rpc("job-list.config-reload", config as never);
  await expect(reload({ "job-list": { max_comparisons: -4 } })).rejects.toMatchObject({
    code: "EINVAL",
    message: "job-list.max_comparisons must be >= 0",
  });
  await expect(reload({ "job-list": { max_comparisons: "x" } })).rejects.toMatchObject({
    message: "error reading config for job-list: Expected integer, got string",
  });
});
