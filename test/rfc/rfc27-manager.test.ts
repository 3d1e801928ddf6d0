import type { JobId } from "@flux-ts/protocol/job/fluid";
import { JobState } from "@flux-ts/protocol/job/states";
import { ownerCred, TestManager, testR } from "@flux-ts/testing/test-manager";
import { raiseOne } from "flux-ts/modules/job-manager/raise";
import { setUrgency } from "flux-ts/modules/job-manager/urgency";
import { expect, test } from "vitest";

const topics = (jobs: TestManager) => jobs.take("notify").map(({ method }) => method.topic);

test("RFC 27 Hello: one response for each job with resources", () => {
  const jobs = new TestManager();
  jobs.schedule();
  const [first, second] = [jobs.accept(), jobs.accept()];
  jobs.alloc(first);
  const told = [...jobs.manager.alloc.hello()].map(({ id }) => id);
  expect(told).toEqual([first]);
  expect(jobs.job(second).state).toBe(JobState.SCHED);
});

test("RFC 27 Ready: the modes are limited, with a limit, and unlimited", () => {
  const { alloc } = new TestManager().manager;
  expect(() => alloc.ready({ mode: "limited" }, "s")).toThrow();
  expect(() => alloc.ready({ mode: "single" }, "s")).toThrow();
  expect(alloc.isOnline).toBe(false);
  expect(alloc.ready({ mode: "limited", limit: 1 }, "s")).toBe(0);
  expect(alloc.isOnline).toBe(true);
});

test("RFC 27 Ready: no more than `limit` requests at a time, highest priority first", () => {
  const jobs = new TestManager();
  const ids = [10, 20, 15].map((urgency) => jobs.accept({ urgency })) as [JobId, JobId, JobId];
  jobs.schedule(2);
  expect(jobs.allocRequests()).toEqual([ids[1], ids[2]]);
  jobs.alloc(ids[1]);
  expect(jobs.allocRequests()).toEqual([ids[0]]);
});

test("RFC 27 Alloc: the request has id, priority, userid, submit time and jobspec", () => {
  const jobs = new TestManager();
  jobs.schedule();
  const id = jobs.accept();
  jobs.manager.alloc.pump();
  const [sent] = jobs.take("send");
  const { jobspec } = jobs.job(id);
  const expected = { id, priority: 16, userid: 500, t_submit: 1000, jobspec };
  expect(sent?.request).toEqual(expected);
});

test("RFC 27 Alloc Success: a snapshot of the annotations goes into the alloc event", () => {
  const jobs = new TestManager();
  jobs.schedule();
  const id = jobs.accept();
  const annotations = { sched: { resource_summary: "rank0/core0" } };
  jobs.alloc(id, annotations);
  jobs.commit();
  expect(jobs.entries(id).at(-1)).toMatchObject({ name: "alloc", context: { annotations } });
  expect(jobs.job(id)).toMatchObject({ state: JobState.RUN, hasResources: true });
});

test("RFC 27 Alloc Success: without annotations the alloc event has no context", () => {
  const jobs = new TestManager();
  jobs.schedule();
  const id = jobs.accept();
  jobs.alloc(id);
  jobs.commit();
  expect(jobs.entries(id).at(-1)).toEqual({ timestamp: expect.any(Number), name: "alloc" });
});

test("RFC 27 Alloc Success: resources for a job that is gone are freed at once", () => {
  const jobs = new TestManager();
  jobs.schedule();
  jobs.alloc(42n as JobId);
  expect(jobs.freed()).toEqual([42n]);
});

test("RFC 27 Alloc Annotate: dictionaries are merged, null removes a key", () => {
  const jobs = new TestManager();
  jobs.schedule();
  const id = jobs.accept();
  jobs.allocRequests();
  const annotate = (annotations: object) =>
    jobs.manager.alloc.onResponse({ id, type: 1, annotations: { sched: { ...annotations } } });
  annotate({ t_estimate: 5, reason_pending: "busy" });
  annotate({ t_estimate: null });
  expect(jobs.job(id).annotations).toEqual({ sched: { reason_pending: "busy" } });
  annotate({ reason_pending: null });
  expect(jobs.job(id).annotations).toBeUndefined();
  const told = jobs.take("journal").map(({ message }) => message.events[0]);
  expect(told.filter((event) => event?.name === "annotations")).toHaveLength(3);
  expect(jobs.names(id)).not.toContain("annotations");
});

test("RFC 27 Alloc Deny: a fatal exception with the scheduler's note", () => {
  const jobs = new TestManager();
  jobs.schedule();
  const id = jobs.accept();
  jobs.allocRequests();
  jobs.manager.alloc.onResponse({ id, type: 2, note: "more nodes than there are" });
  expect(jobs.names(id).slice(-2)).toEqual(["exception", "clean"]);
  expect(jobs.entries(id).at(-2)?.context).toEqual({
    type: "alloc",
    severity: 0,
    note: "more nodes than there are",
    userid: 500,
  });
});

test("RFC 27 Cancel: a canceled job's request is canceled, and its late resources are freed", () => {
  const jobs = new TestManager();
  jobs.schedule();
  const id = jobs.accept();
  jobs.allocRequests();
  raiseOne(jobs.manager, ownerCred, { id, type: "cancel", severity: 0 });
  expect(topics(jobs)).toEqual(["sched.cancel"]);
  expect(jobs.manager.jobs.active.size).toBe(0);
  jobs.manager.alloc.onResponse({ id, type: 0, R: testR });
  expect(jobs.freed()).toEqual([id]);
});

test("RFC 27 Cancel: in limited mode a better job takes the place of the worst one", () => {
  const jobs = new TestManager();
  jobs.schedule(1);
  const low = jobs.accept({ urgency: 10 });
  expect(jobs.allocRequests()).toEqual([low]);
  const high = jobs.accept({ urgency: 20 });
  expect(jobs.take("notify")).toMatchObject([
    { method: { topic: "sched.cancel" }, request: { id: low } },
  ]);
  jobs.manager.alloc.onResponse({ id: low, type: 3 });
  expect(jobs.allocRequests()).toEqual([high]);
});

test("RFC 27 Prioritize: the scheduler is told of the new priority of a job it has", () => {
  const jobs = new TestManager();
  jobs.schedule();
  const id = jobs.accept();
  jobs.allocRequests();
  setUrgency(jobs.manager, ownerCred, { id, urgency: 20 });
  const notes = jobs.take("notify");
  expect(notes.map(({ method }) => method.topic)).toContain("sched.prioritize");
  expect(notes[0]?.request).toEqual({ jobs: [[id, 20]] });
});

test("RFC 27 Implementation: an error response means that the scheduler is gone: all is asked again", () => {
  const jobs = new TestManager();
  jobs.schedule();
  const id = jobs.accept();
  expect(jobs.allocRequests()).toEqual([id]);
  jobs.manager.alloc.tearDown("ENOSYS");
  expect(jobs.allocRequests()).toEqual([]);
  jobs.schedule();
  expect(jobs.allocRequests()).toEqual([id]);
});

test("RFC 27 Implementation: the scheduler's disconnect counts, others' do not", () => {
  const { manager } = new TestManager();
  manager.alloc.ready({ mode: "unlimited" }, "sched");
  manager.alloc.disconnect("somebody");
  expect(manager.alloc.isOnline).toBe(true);
  manager.alloc.disconnect("sched");
  expect(manager.alloc.isOnline).toBe(false);
});
