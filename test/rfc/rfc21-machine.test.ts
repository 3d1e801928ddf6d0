import { JobState } from "@flux-ts/protocol/job/states";
import { JobFlag } from "@flux-ts/protocol/services/job-ingest";
import { ownerCred, TestManager } from "@flux-ts/testing/test-manager";
import { raiseOne } from "flux-ts/modules/job-manager/raise";
import { replay } from "flux-ts/modules/job-manager/restart";
import { setUrgency } from "flux-ts/modules/job-manager/urgency";
import { expect, test } from "vitest";

const { NEW, DEPEND, SCHED, RUN, CLEANUP } = JobState;

function running(): { jobs: TestManager; id: ReturnType<TestManager["submit"]> } {
  const jobs = new TestManager();
  jobs.schedule();
  jobs.execute();
  const id = jobs.accept();
  jobs.alloc(id);
  return { jobs, id };
}

test("RFC 21 State Descriptions: a job goes through all states, each by its event", () => {
  const jobs = new TestManager();
  jobs.schedule();
  jobs.execute();
  const id = jobs.run();
  expect(jobs.names(id)).toEqual([
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
  expect(jobs.manager.jobs.active.size).toBe(0);
  expect(jobs.manager.jobs.inactive.has(id)).toBe(true);
});

test("RFC 21 Submit Event: it is the first, with urgency, userid, flags and version 1", () => {
  const jobs = new TestManager();
  const id = jobs.accept({ urgency: 20, flags: JobFlag.Debug });
  expect(jobs.entries(id)[0]).toEqual({
    timestamp: 1000,
    name: "submit",
    context: { userid: 500, urgency: 20, flags: JobFlag.Debug, version: 1 },
  });
});

test("RFC 21 SCHED: resources are asked for only once the submission is durable", () => {
  const jobs = new TestManager();
  jobs.schedule();
  const id = jobs.submit();
  expect(jobs.job(id).state).toBe(SCHED);
  expect(jobs.allocRequests()).toEqual([]);
  expect(jobs.take("answer")).toEqual([]);
  jobs.commit();
  expect(jobs.take("answer")).toHaveLength(1);
  expect(jobs.allocRequests()).toEqual([id]);
});

test("RFC 21 DEPEND: depend is posted when no dependency is left", () => {
  const jobs = new TestManager();
  const id = jobs.accept({ system: { dependencies: [{ scheme: "begin-time", value: "2000" }] } });
  expect(jobs.job(id).state).toBe(DEPEND);
  jobs.manager.now = 2000;
  jobs.manager.onTick();
  expect(jobs.job(id).state).toBe(SCHED);
  expect(jobs.names(id)).toEqual([
    "submit",
    "dependency-add",
    "validate",
    "dependency-remove",
    "depend",
    "priority",
  ]);
});

test("RFC 21 Urgency Event: from SCHED back to PRIORITY, where a priority is assigned again", () => {
  const jobs = new TestManager();
  const id = jobs.accept();
  expect(setUrgency(jobs.manager, ownerCred, { id, urgency: 10 })).toEqual({ old_urgency: 16 });
  expect(jobs.job(id)).toMatchObject({ state: SCHED, urgency: 10, priority: 10 });
  expect(jobs.entries(id).length).toBe(4);
  jobs.commit();
  expect(jobs.entries(id).slice(4)).toMatchObject([
    { name: "urgency", context: { userid: 500, urgency: 10 } },
    { name: "priority", context: { priority: 10 } },
  ]);
});

test("RFC 21 RUN: the start request goes out when resources are there", () => {
  const { jobs, id } = running();
  const [request] = jobs.take("send").filter(({ method }) => method.topic === "job-exec.start");
  expect(request?.request).toMatchObject({ id, userid: 500, reattach: false });
  expect(jobs.job(id).state).toBe(RUN);
});

test("RFC 21 CLEANUP: resources are freed when the execution service has let go of them", () => {
  const { jobs, id } = running();
  jobs.respond(id, "start");
  jobs.respond(id, "finish", { status: 0 });
  expect(jobs.job(id).state).toBe(CLEANUP);
  jobs.respond(id, "release", { ranks: "0", final: false });
  expect(jobs.freed()).toEqual([]);
  jobs.respond(id, "release", { ranks: "all", final: true });
  expect(jobs.freed()).toEqual([id]);
  expect(jobs.names(id).slice(-3)).toEqual(["release", "free", "clean"]);
});

test("RFC 21 Exceptions: severity 0 ends a job in any state, others are only noted", () => {
  const jobs = new TestManager();
  const id = jobs.accept();
  raiseOne(jobs.manager, ownerCred, { id, type: "warning", severity: 3 });
  expect(jobs.job(id).state).toBe(SCHED);
  raiseOne(jobs.manager, ownerCred, { id, type: "cancel", severity: 0, note: "enough" });
  expect(jobs.manager.jobs.inactive.get(id)?.result).toBe(4);
  expect(jobs.names(id).slice(4)).toEqual(["exception", "exception", "clean"]);
});

test("RFC 21 Exception Event: the note is an empty string if there is none; the event is published", () => {
  const { jobs, id } = running();
  raiseOne(jobs.manager, ownerCred, { id, type: "exec", severity: 0, wait_status: 11 });
  expect(jobs.names(id).at(-1)).toBe("exception");
  expect(jobs.entries(id).at(-1)?.context).toEqual({
    type: "exec",
    severity: 0,
    note: "",
    userid: 500,
    wait_status: 11,
  });
  expect(jobs.take("publish")).toMatchObject([
    { topic: "job-exception", payload: { id, type: "exec", severity: 0, wait_status: 11 } },
  ]);
});

test("RFC 21 Exceptions: the first fatal one is the cause of the job's failure", () => {
  const { jobs, id } = running();
  jobs.respond(id, "start");
  raiseOne(jobs.manager, ownerCred, { id, type: "timeout", severity: 0 });
  raiseOne(jobs.manager, ownerCred, { id, type: "cancel", severity: 0 });
  jobs.respond(id, "finish", { status: 15 });
  jobs.respond(id, "release", { ranks: "all", final: true });
  expect(jobs.manager.jobs.inactive.get(id)?.result).toBe(8);
});

test("RFC 21 Prolog-start Event: it holds back the start request until prolog-finish", () => {
  const jobs = new TestManager();
  jobs.schedule();
  const id = jobs.accept();
  jobs.manager.jobtap.add({
    name: "prolog",
    path: "test",
    callbacks: new Map([
      [
        "job.state.run",
        (job) => {
          jobs.manager.events.post(jobs.job(job.id), "prolog-start", { description: "p" });
        },
      ],
    ]),
  });
  jobs.execute();
  jobs.alloc(id);
  const starts = () => jobs.take("send").filter(({ method }) => method.topic.endsWith(".start"));
  expect(starts()).toEqual([]);
  jobs.manager.events.post(jobs.job(id), "prolog-finish", { description: "p", status: 0 });
  expect(starts()).toHaveLength(1);
});

test("RFC 21 Epilog-start Event: it holds back free until epilog-finish", () => {
  const { jobs, id } = running();
  jobs.respond(id, "start");
  jobs.respond(id, "finish", { status: 0 });
  jobs.manager.events.post(jobs.job(id), "epilog-start", { description: "e" });
  jobs.respond(id, "release", { ranks: "all", final: true });
  expect(jobs.freed()).toEqual([]);
  jobs.manager.events.post(jobs.job(id), "epilog-finish", { description: "e", status: 0 });
  expect(jobs.freed()).toEqual([id]);
});

test("RFC 21 Memo Event: keys are merged, null removes one", () => {
  const jobs = new TestManager();
  const id = jobs.accept();
  const { events } = jobs.manager;
  events.post(jobs.job(id), "memo", { a: 1, b: { c: 2 } });
  events.post(jobs.job(id), "memo", { a: null, b: { d: 3 } });
  expect(jobs.job(id).annotations).toEqual({ user: { b: { c: 2, d: 3 } } });
});

test("RFC 21 Resource-update Event: it changes the expiration in R and tells the execution service", () => {
  const { jobs, id } = running();
  jobs.manager.events.post(jobs.job(id), "resource-update", { expiration: 5000 });
  expect(jobs.job(id).R).toMatchObject({ execution: { expiration: 5000 } });
  expect(jobs.take("call")).toMatchObject([
    { method: { topic: "job-exec.expiration" }, request: { id, expiration: 5000 } },
  ]);
});

test("RFC 21 Set-flags Event: debug leads to debug events", () => {
  const jobs = new TestManager();
  jobs.schedule();
  const id = jobs.accept();
  jobs.manager.events.post(jobs.job(id), "set-flags", { flags: ["debug"] });
  jobs.allocRequests();
  expect(jobs.names(id).at(-1)).toBe("debug.alloc-request");
});

test("RFC 21 Invalidate Event: a refused job leaves nothing", () => {
  const jobs = new TestManager();
  const id = jobs.submit({ system: { dependencies: [{ scheme: "nope", value: "" }] } });
  const journal = jobs.take("journal").flatMap(({ message }) => message.events);
  expect(journal.map(({ name }) => name)).toEqual(["submit", "invalidate"]);
  jobs.commit();
  expect(jobs.logs.has(id)).toBe(false);
  expect(jobs.take("answer")[0]?.response).toEqual({
    errors: [[id, 'dependency scheme "nope" not supported']],
  });
});

test("RFC 21 Design: replaying the eventlog reproduces the state", () => {
  const { jobs, id } = running();
  jobs.respond(id, "start");
  jobs.commit();
  const jobspec = JSON.stringify(jobs.job(id).jobspec);
  const R = JSON.stringify(jobs.job(id).R);
  const copy = replay({ id, eventlog: jobs.logs.get(id) ?? "", jobspec, R });
  const { state, priority, urgency, userid, hasResources, isStarted } = jobs.job(id);
  expect(copy).toMatchObject({ state, priority, urgency, userid, hasResources, isStarted });
});

test("RFC 21 Design: a log that does not begin with a submit of version 1 is refused", () => {
  const log = (...names: string[]) =>
    names.map((name) => `{"timestamp":1.0,"name":"${name}"}\n`).join("");
  const id = 1n as ReturnType<TestManager["submit"]>;
  expect(() => replay({ id, eventlog: log("validate") })).toThrow("first event is validate");
  expect(() => replay({ id, eventlog: "" })).toThrow("first event is missing");
  const future = '{"timestamp":1.0,"name":"submit","context":{"version":2}}\n';
  expect(() => replay({ id, eventlog: future })).toThrow("eventlog v2 is unsupported");
});

test("RFC 21 NEW: a fatal exception before validation is a defect", () => {
  const jobs = new TestManager();
  const { manager } = jobs;
  manager.jobtap.add({
    name: "early",
    path: "test",
    callbacks: new Map([
      [
        "job.validate",
        ({ id, state }) => {
          expect(state).toBe(NEW);
          raiseOne(manager, ownerCred, { id, type: "x", severity: 0 });
        },
      ],
    ]),
  });
  jobs.submit();
  jobs.commit();
  expect(jobs.take("answer")[0]?.response).toMatchObject({ errors: [[1n, expect.any(String)]] });
});

test("RFC 21 Design: events have timestamps that tell their order", () => {
  const jobs = new TestManager();
  const id = jobs.accept();
  const times = jobs.entries(id).map(({ timestamp }) => timestamp);
  expect([...new Set(times)].sort((a, b) => a - b)).toEqual(times);
});
