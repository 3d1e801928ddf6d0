import { checkPolicy } from "@flux-ts/protocol/job/queue-policy";
import { JobState } from "@flux-ts/protocol/job/states";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { asker, ownerCred, TestManager } from "@flux-ts/testing/test-manager";
import { frobnicators } from "flux-ts/modules/job-ingest/frobnicate";
import { expect, test } from "vitest";

const queues: JsonObject = {
  batch: { requires: ["batch"], policy: { limits: { duration: "8h" } } },
  debug: { requires: ["debug"] },
};

function refusal(jobs: TestManager, system: JsonObject): unknown {
  jobs.take("answer");
  jobs.submit({ system });
  jobs.commit();
  const response = jobs.take("answer")[0]?.response as { errors: [unknown, string][] };
  return response.errors[0]?.[1];
}

function frobnicate(name: string, system: JsonObject, config: JsonObject): unknown {
  const jobspec = { version: 1, attributes: { system } };
  return frobnicators.get(name)?.(jobspec, config).attributes;
}

test("RFC 33 Implementation: without configuration there is one anonymous queue, started", () => {
  const { queues: given } = new TestManager().manager;
  expect(given.names).toEqual([]);
  expect(given.lookup(undefined).status(true)).toEqual({ enable: true, start: true });
});

test("RFC 33 Implementation: if queues are configured, all are named", () => {
  const { manager } = new TestManager({ queues });
  expect(manager.queues.names).toEqual(["batch", "debug"]);
  expect(() => manager.queues.lookup(undefined)).toThrow("a named queue is required");
});

test("RFC 33 Jobspec Defaults Policy: queue values override general ones, the user's both", () => {
  const config = {
    policy: { jobspec: { defaults: { system: { duration: "1h", queue: "debug" } } } },
    queues: { debug: { policy: { jobspec: { defaults: { system: { duration: "10m" } } } } } },
  };
  expect(frobnicate("defaults", { duration: 0 }, config)).toEqual({
    system: { duration: 600, queue: "debug" },
  });
  expect(frobnicate("defaults", { duration: 5, queue: "debug" }, config)).toEqual({
    system: { duration: 5, queue: "debug" },
  });
});

test("RFC 33 Queue Configuration: a queue's properties are added to the job's constraints", () => {
  const frob = (system: JsonObject) => frobnicate("constraints", system, { queues });
  expect(frob({ queue: "batch" })).toMatchObject({
    system: { constraints: { properties: ["batch"] } },
  });
  expect(frob({ queue: "batch", constraints: { properties: ["fast"] } })).toMatchObject({
    system: { constraints: { properties: ["fast", "batch"] } },
  });
  expect(frob({ queue: "batch", constraints: { hostlist: ["a"] } })).toMatchObject({
    system: { constraints: { and: [{ hostlist: ["a"] }, { properties: ["batch"] }] } },
  });
});

test("RFC 33 Request Validation: unknown queues are refused", () => {
  expect(() => frobnicate("defaults", { queue: "x" }, { queues })).toThrow(
    "Invalid queue 'x' specified",
  );
  expect(() => frobnicate("defaults", {}, { queues })).toThrow("no queue specified");
  const jobs = new TestManager({ queues });
  expect(refusal(jobs, { queue: "x" })).toBe("'x' is not a valid queue");
  expect(refusal(jobs, {})).toBe("a named queue is required");
});

test("RFC 33 Limits Policy: jobs beyond a limit are refused; a queue's limit takes precedence", () => {
  const policy = { limits: { duration: "1h", "job-size": { max: { ncores: 0 } } } };
  const jobs = new TestManager({ policy });
  expect(refusal(jobs, { duration: 7200 })).toBe("requested ncores (1) exceeds policy limit of 0");
  const timed = new TestManager({ policy: { limits: { duration: "1h" } }, queues });
  timed.manager.queues.start({ start: true, all: true });
  expect(refusal(timed, { duration: 7200, queue: "batch" })).toBeUndefined();
  expect(refusal(timed, { duration: 7200, queue: "debug" })).toBe(
    "requested duration (2h) exceeds policy limit of 1h for queue debug",
  );
  expect(refusal(timed, { duration: 0, queue: "debug" })).toBe(
    "requested duration (unlimited) exceeds policy limit of 1h for queue debug",
  );
});

test("RFC 33 Administrative Tools: a disabled queue refuses jobs, with the reason", () => {
  const jobs = new TestManager();
  const { queues: given } = jobs.manager;
  expect(() => given.enable({ enable: false, all: false })).toThrow(
    "reason is required for disable",
  );
  given.enable({ enable: false, reason: "maintenance", all: false });
  expect(refusal(jobs, {})).toBe("job submission is disabled: maintenance");
  expect(given.lookup(undefined).status(true)).toEqual({
    enable: false,
    start: true,
    disable_reason: "maintenance",
  });
});

test("RFC 33 Administrative Tools: stopping a queue cancels its requests, starting asks again", () => {
  const jobs = new TestManager();
  jobs.schedule();
  const id = jobs.accept();
  jobs.allocRequests();
  jobs.manager.queues.start({ start: false, all: false, reason: "pause" });
  expect(jobs.take("notify")).toMatchObject([{ method: { topic: "sched.cancel" } }]);
  jobs.manager.alloc.onResponse({ id, type: 3 });
  expect(jobs.allocRequests()).toEqual([]);
  expect(jobs.job(id).state).toBe(JobState.SCHED);
  jobs.manager.queues.start({ start: true, all: false });
  expect(jobs.allocRequests()).toEqual([id]);
});

test("RFC 33 Administrative Tools: named queues start stopped, each on its own", () => {
  const jobs = new TestManager({ queues });
  jobs.schedule();
  const batch = jobs.accept({ system: { queue: "batch", duration: 60 } });
  jobs.accept({ system: { queue: "debug" } });
  expect(jobs.allocRequests()).toEqual([]);
  expect(() => jobs.manager.queues.start({ start: true, all: false })).toThrow(
    "Use --all to apply this command to all queues",
  );
  jobs.manager.queues.start({ start: true, name: "batch", all: false });
  expect(jobs.allocRequests()).toEqual([batch]);
});

test("RFC 33 Administrative Tools: waiting for the queues to become empty, and idle", () => {
  const jobs = new TestManager();
  const id = jobs.accept();
  jobs.take("answer");
  jobs.manager.drain.awaitDrain(asker("a"));
  jobs.manager.drain.awaitIdle(asker("b"));
  jobs.commit();
  expect(jobs.take("answer")).toMatchObject([{ to: { sender: "b" }, response: { pending: 1 } }]);
  jobs.schedule();
  jobs.execute();
  jobs.alloc(id);
  jobs.finish(id);
  jobs.commit();
  expect(jobs.take("answer")).toMatchObject([{ to: { sender: "a" } }]);
});

test("RFC 33 Queue Status: without a scheduler no queue is started", () => {
  const { queues: given } = new TestManager().manager;
  expect(given.lookup(undefined).status(false)).toEqual({
    enable: true,
    start: false,
    stop_reason: "Scheduler is offline",
  });
});

test("queue state survives a restart, except what was not to be kept", () => {
  const first = new TestManager({ queues });
  first.manager.queues.start({ start: true, all: true });
  first.manager.queues.start({ start: false, name: "debug", all: false, nocheckpoint: true });
  first.manager.queues.enable({ enable: false, name: "batch", reason: "full", all: false });
  const saved = first.manager.queues.save();
  expect(saved).toEqual([
    { name: "batch", enable: false, disable_reason: "full", start: true },
    { name: "debug", enable: true, start: true },
  ]);
  const second = new TestManager({ queues });
  second.manager.queues.restore(saved, { stopStarted: false });
  expect(second.manager.queues.save()).toEqual(saved);
  second.manager.queues.restore(saved, { stopStarted: true });
  expect(second.manager.queues.lookup("batch").status(true)).toMatchObject({
    start: false,
    stop_reason: "Automatically stopped due to restart",
  });
});

test("RFC 33 Policy Configuration: tables have the keys of the RFC and no others", () => {
  expect(() => checkPolicy({ policy: { limits: { duration: "1h" } } })).not.toThrow();
  expect(() => checkPolicy({ policy: { foo: 1 } })).toThrow(
    "error parsing [policy] config table: 1 object item(s) left unpacked: foo",
  );
  expect(() => checkPolicy({ policy: { limits: { duration: "soon" } } })).toThrow(
    "error parsing [policy.limits] config table: 'duration' is not a valid FSD",
  );
  expect(() => checkPolicy({ queues: { a: { requires: ["a b"] } } })).toThrow(
    "error parsing [queues.a] config table: 'requires' must be an array of property strings",
  );
});

test("RFC 33 Implementation: the default queue must be configured", () => {
  const policy = { jobspec: { defaults: { system: { queue: "x" } } } };
  expect(() => checkPolicy({ policy, queues })).toThrow(
    "the [policy] config table defines a default queue x that is not in [queues] table",
  );
});

test("a pending job moves to another queue, with its constraints; the scheduler is asked", () => {
  const jobs = new TestManager({ queues });
  const system = { queue: "batch", duration: 60, constraints: { properties: ["batch"] } };
  const id = jobs.accept({ system });
  const updates = { "attributes.system.queue": "debug" };
  jobs.update.request(asker("me"), ownerCred, { id, updates });
  const [call] = jobs.take("call");
  expect(call?.method.topic).toBe("feasibility.check");
  call?.done();
  expect(jobs.job(id).queue).toBe("debug");
  expect(jobs.job(id).jobspec).toMatchObject({
    attributes: { system: { constraints: { properties: ["debug"] } } },
  });
  jobs.commit();
  expect(jobs.entries(id).find(({ name }) => name === "jobspec-update")?.context).toEqual({
    "attributes.system.queue": "debug",
    "attributes.system.constraints": { properties: ["debug"] },
  });
});
