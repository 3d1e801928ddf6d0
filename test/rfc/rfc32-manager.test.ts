import { JobState } from "@flux-ts/protocol/job/states";
import { TestManager } from "@flux-ts/testing/test-manager";
import { expect, test } from "vitest";

const starts = (jobs: TestManager) =>
  jobs.take("send").filter(({ method }) => method.topic.endsWith(".start"));

function allocated() {
  const jobs = new TestManager();
  jobs.schedule();
  const id = jobs.accept();
  jobs.alloc(id);
  return { jobs, id };
}

test("RFC 32 Hello: jobs that wait for the service are started once it is there", () => {
  const { jobs, id } = allocated();
  expect(starts(jobs)).toEqual([]);
  jobs.execute();
  const { jobspec, R } = jobs.job(id);
  expect(starts(jobs)).toMatchObject([
    {
      method: { topic: "job-exec.start" },
      request: { id, userid: 500, jobspec, R, reattach: false },
    },
  ]);
});

test("RFC 32 Implementation: one start request in flight for a job", () => {
  const { jobs } = allocated();
  jobs.execute();
  jobs.manager.start.startAll();
  expect(starts(jobs)).toHaveLength(1);
});

test("RFC 32 Hello: another service cannot take over while jobs are with the first", () => {
  const { jobs } = allocated();
  jobs.execute();
  expect(() => jobs.manager.start.hello("sim", "other")).toThrow();
});

test("RFC 32 Hello: after a service was lost, its jobs are given to the next one to reattach", () => {
  const { jobs, id } = allocated();
  jobs.execute();
  starts(jobs);
  jobs.respond(id, "start");
  jobs.manager.start.disconnect("exec");
  jobs.manager.start.hello("sim", "other");
  jobs.manager.start.startAll();
  expect(starts(jobs)).toMatchObject([
    { method: { topic: "sim.start" }, request: { id, reattach: true } },
  ]);
});

test("RFC 32 Start Request: start, finish and release become events", () => {
  const { jobs, id } = allocated();
  jobs.execute();
  jobs.finish(id, 256);
  expect(jobs.names(id).slice(-5)).toEqual(["start", "finish", "release", "free", "clean"]);
  expect(jobs.entries(id).find(({ name }) => name === "finish")?.context).toEqual({ status: 256 });
});

test("RFC 32 Start Request: an exception response becomes an exception event", () => {
  const { jobs, id } = allocated();
  jobs.execute();
  jobs.respond(id, "exception", { severity: 0, type: "exec", note: "no such file" });
  jobs.commit();
  const event = jobs.entries(id).at(-1);
  expect(event?.context).toEqual({ type: "exec", severity: 0, userid: 500, note: "no such file" });
  expect(Object.keys(event?.context ?? {})).toEqual(["type", "severity", "userid", "note"]);
  expect(jobs.job(id).state).toBe(JobState.CLEANUP);
});

test("RFC 32 Start Request: even after an exception, only the final release ends the job", () => {
  const { jobs, id } = allocated();
  jobs.execute();
  jobs.respond(id, "exception", { severity: 0, type: "exec" });
  jobs.respond(id, "finish", { status: 9 });
  expect(jobs.job(id).state).toBe(JobState.CLEANUP);
  jobs.respond(id, "release", { ranks: "all", final: true });
  expect(jobs.manager.jobs.inactive.has(id)).toBe(true);
});

test("malformed responses are logged and change nothing", () => {
  const { jobs, id } = allocated();
  jobs.execute();
  jobs.respond(id, "finish", { status: "zero" });
  jobs.respond(id, "release", { ranks: 1, final: true });
  jobs.respond(id, "exception", { severity: "high" });
  jobs.respond(id, "jump");
  expect(jobs.job(id).state).toBe(JobState.RUN);
  expect(jobs.take("log").filter(({ severity }) => severity === 3)).toHaveLength(4);
});
