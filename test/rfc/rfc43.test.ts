import type { JobId } from "@flux-ts/protocol/job/fluid";
import { JobState } from "@flux-ts/protocol/job/states";
import { Role } from "@flux-ts/protocol/message/credential";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { type JobListing, jobList } from "@flux-ts/protocol/services/job-list";
import type { JournalEntry } from "@flux-ts/protocol/services/job-manager";
import { type TestBroker, testBroker } from "@flux-ts/testing/broker";
import { FakeJournal } from "@flux-ts/testing/journal";
import jobListModule from "flux-ts/modules/job-list/job-list";
import { expect, test } from "vitest";
import { vectors } from "./vectors.ts";

// A run of an instance of flux-core: what its journal told, and what its job-list made of it.
const journal = vectors<JournalEntry>("job-list-journal").map((entry) => {
  return { ...entry, id: BigInt(entry.id) as JobId };
});
const jobs = vectors<JobListing>("job-list-jobs");
const withId = (job: JobListing): JobListing => ({ ...job, id: BigInt(job.id) as JobId });

const queues = { batch: {}, debug: {} };

async function started(config: JsonObject = { queues }): Promise<TestBroker> {
  const source = new FakeJournal();
  source.past.push(...journal);
  const broker = await testBroker({ modules: source.modules, config, size: 2 });
  await broker.load(jobListModule);
  return broker;
}

async function ids(broker: TestBroker, constraint: JsonObject): Promise<JobId[]> {
  const request = { max_entries: 0, attrs: [], constraint };
  return (await broker.flux.call(jobList.list, request)).jobs.map(({ id }) => id);
}

test("RFC 43 Job Attributes: every attribute of every job is the one that flux-core lists", async () => {
  await using broker = await started();
  const listed = await broker.flux.call(jobList.list, { max_entries: 0, attrs: ["all"] });
  expect(listed.jobs).toEqual(jobs.map(withId));
});

test("RFC 43 Job Attributes: times and durations are reals", async () => {
  await using broker = await started();
  const request = { max_entries: 1, attrs: ["duration"], constraint: { name: ["sleep"] } };
  const { jobs: listed } = await broker.flux.call(jobList.list, request);
  const text = jobList.list.response.encode({ jobs: listed })?.text;
  expect(text).toContain('"duration":1000.0');
});

test("RFC 43 Job Attributes: only what was asked for is returned, and the id always", async () => {
  await using broker = await started();
  const { jobs: listed } = await broker.flux.call(jobList.list, {
    max_entries: 1,
    attrs: ["name"],
  });
  expect(listed).toEqual([{ id: BigInt(jobs[0]!.id), name: jobs[0]!.name }]);
});

test("RFC 43 Constraint Operators: each selects the jobs, or is refused with the text, as in flux-core", async () => {
  await using broker = await started();
  type Case = { constraint: JsonObject; ids?: number[]; errnum?: number; text?: string };
  for (const { constraint, ids: expected, errnum, text } of vectors<Case>("job-list-constraints")) {
    const request = { max_entries: 0, attrs: [], constraint };
    const result = await broker.flux.rpc("job-list.list", request).then(
      (response) => (response.jobs as JobListing[]).map(({ id }) => Number(id)),
      (error) => ({ errnum: error.errnum, text: error.message }),
    );
    expect([constraint, result]).toEqual([constraint, expected ?? { errnum, text }]);
  }
});

test("RFC 43 List, List ID, List Attributes: requests are answered and refused as by flux-core", async () => {
  await using broker = await started();
  type Case = {
    method: string;
    request: JsonObject;
    response?: JsonObject;
    errnum?: number;
    text?: string;
  };
  for (const { method, request, response, errnum, text } of vectors<Case>("job-list-requests")) {
    const result = await broker.flux.rpc(`job-list.${method}`, request).catch((error) => {
      return { errnum: error.errnum, text: error.message };
    });
    const numeric = JSON.parse(
      JSON.stringify(result, (_key, value) => (typeof value === "bigint" ? Number(value) : value)),
    );
    expect([method, request, numeric]).toEqual([method, request, response ?? { errnum, text }]);
  }
});

test("RFC 43 List: pending jobs by priority, then running, then inactive ones, latest first", async () => {
  await using broker = await started();
  const attrs = ["priority", "state", "t_run", "t_inactive"];
  const { jobs: listed } = await broker.flux.call(jobList.list, { max_entries: 0, attrs });
  const groups = [JobState.SCHED | JobState.DEPEND, JobState.RUN, JobState.INACTIVE].map((mask) =>
    listed.filter(({ state }) => (state ?? 0) & mask),
  );
  expect(groups.flat()).toEqual(listed);
  const [pending, , inactive] = groups as [JobListing[], JobListing[], JobListing[]];
  expect(pending.map(({ priority = 0 }) => priority)).toEqual([4294967295, 20, 16, 5, 0, 0]);
  const ends = inactive.map(({ t_inactive = 0 }) => t_inactive);
  expect(ends).toEqual([...ends].sort((a, b) => b - a));
});

test("RFC 43 List: a stream carries the version in its first response and ends with ENODATA", async () => {
  await using broker = await started();
  const responses = [];
  for await (const response of broker.flux.stream(jobList.list, { max_entries: 3, attrs: [] })) {
    responses.push(response);
  }
  expect(responses.map(({ version }) => version)).toEqual([1]);
  expect(responses.flatMap((response) => response.jobs)).toHaveLength(3);
  const none = { max_entries: 0, attrs: [], constraint: { name: ["nobody"] } };
  for await (const _response of broker.flux.stream(jobList.list, none)) expect.fail("no job");
});

test("RFC 43 List: since leaves out jobs that were inactive by then", async () => {
  await using broker = await started();
  const inactive = jobs.filter(({ state }) => state === JobState.INACTIVE);
  const since = inactive[2]!.t_inactive!;
  const request = { max_entries: 0, attrs: ["state"], since };
  const { jobs: listed } = await broker.flux.call(jobList.list, request);
  expect(listed).toHaveLength(jobs.length - inactive.length + 2);
});

test("RFC 43 Constraint Operators: too many comparisons are refused", async () => {
  const refusal = {
    code: "EINVAL",
    message: "Excessive comparisons made, limit search via states or since",
  };
  await using broker = await started({ "job-list": { max_comparisons: 4 } });
  for (const constraint of [{ userid: [0] }, {}, { ranks: ["0-1"] }]) {
    await expect(ids(broker, constraint)).rejects.toMatchObject(refusal);
  }
  // Jobs in other states are not even looked at.
  expect(await ids(broker, { and: [{ states: ["running"] }, { userid: [0] }] })).toHaveLength(1);
});

test("RFC 43 Implementation: in private mode guests see their own jobs alone", async () => {
  await using broker = await started({ access: { "private-mode": true } });
  const guest = broker.connect({ userid: 55, rolemask: Role.User });
  const request = { max_entries: 0, attrs: [] };
  expect((await guest.call(jobList.list, request)).jobs).toEqual([]);
  const id = BigInt(jobs[0]!.id) as JobId;
  await expect(guest.call(jobList.listId, { id, attrs: [] })).rejects.toMatchObject({
    code: "ENOENT",
    hasText: false,
  });
  await expect(guest.call(jobList.jobStats)).rejects.toMatchObject({ code: "EPERM" });
  await expect(guest.call(jobList.statsGet)).rejects.toMatchObject({ code: "EPERM" });
  const user = broker.connect({ userid: 0, rolemask: Role.User });
  expect((await user.call(jobList.list, request)).jobs).toHaveLength(jobs.length);
  expect((await user.call(jobList.listId, { id, attrs: [] })).job.id).toBe(id);
  const admin = broker.connect({ userid: 55, rolemask: Role.User | Role.Admin });
  expect((await admin.call(jobList.list, request)).jobs).toHaveLength(jobs.length);
});

test("RFC 43 List ID: a request with a state is answered when the job has been in it, or is over", async () => {
  const source = new FakeJournal();
  await using broker = await testBroker({ modules: source.modules });
  await broker.load(jobListModule);
  const id = BigInt(jobs[0]!.id) as JobId;
  source.stored.add(id);
  const answers: string[] = [];
  const ask = (name: string, state?: number): Promise<unknown> =>
    broker.flux
      .call(jobList.listId, { id, attrs: ["state"], ...(state && { state }) })
      .then(({ job }) => answers.push(`${name} ${job.state}`));
  const asked = [ask("any"), ask("sched", JobState.SCHED), ask("run", JobState.RUN)];
  const waiting = async (): Promise<number | undefined> =>
    (await broker.flux.call(jobList.statsGet)).idsync?.waits;
  await expect.poll(waiting).toBe(1);
  for (const entry of journal.filter((each) => each.id === id)) source.tell(entry);
  await Promise.all(asked.slice(0, 2));
  expect(answers).toEqual([`any ${JobState.DEPEND}`, `sched ${JobState.SCHED}`]);
  const over = ["exception", "clean"].map((name, i) => ({
    name,
    timestamp: 2e9 + i,
    context: { type: "cancel", severity: 0, note: "" },
  }));
  source.tell({ id, events: over });
  await Promise.all(asked);
  expect(answers.at(-1)).toBe(`run ${JobState.INACTIVE}`);
});

test("RFC 43 List ID: a job that is not in the KVS is ENOENT at once", async () => {
  await using broker = await started();
  const request = { id: 12345n as JobId, attrs: [] };
  await expect(broker.flux.call(jobList.listId, request)).rejects.toMatchObject({ code: "ENOENT" });
});
