import type { JobId } from "@flux-ts/protocol/job/fluid";
import { JobState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { type TestJob, TestManager, testR } from "@flux-ts/testing/test-manager";
import { expect, test } from "vitest";
import type { JobtapCallback } from "./jobtap-plugin.ts";

function withPlugin(callbacks: Record<string, JobtapCallback>): TestManager {
  const jobs = new TestManager();
  const plugin = { name: "test", path: "test", callbacks: new Map(Object.entries(callbacks)) };
  jobs.manager.jobtap.add(plugin);
  return jobs;
}

function refusal(jobs: TestManager, job: TestJob = {}): unknown {
  jobs.take("answer");
  jobs.submit(job);
  jobs.commit();
  const response = jobs.take("answer")[0]?.response as { errors: [unknown, string][] };
  return response.errors[0]?.[1];
}

test("a plugin refuses a job by throwing", () => {
  const refuse = () => {
    throw new FluxError("EINVAL", "not today");
  };
  expect(refusal(withPlugin({ "job.validate": refuse }))).toBe("not today");
  expect(refusal(withPlugin({ "job.create": refuse }))).toBe("not today");
});

test("a defect in a plugin refuses the job and is logged, and the rest goes on", () => {
  const jobs = withPlugin({
    "job.validate": () => {
      throw new TypeError("oops");
    },
  });
  expect(refusal(jobs)).toBe("rejected by job-manager plugin");
  expect(jobs.take("log").map(({ text }) => text)).toEqual([
    "jobtap: job.validate: callback returned error: oops",
  ]);
});

test("a plugin that knows no priority yet leaves the job in PRIORITY", () => {
  const jobs = withPlugin({ "job.state.priority": () => ({ priority: -2 }) });
  const id = jobs.accept();
  expect(jobs.job(id).state).toBe(JobState.PRIORITY);
});

test("annotations of job.new are not published before the job is known", () => {
  const jobs = withPlugin({ "job.new": () => ({ annotations: { user: { tag: "x" } } }) });
  const id = jobs.accept();
  expect(jobs.job(id).annotations).toEqual({ user: { tag: "x" } });
  const events = jobs.take("journal").map(({ message }) => message.events[0]?.name);
  expect(events).not.toContain("annotations");
});

test("callbacks see each state, with the event that led there", () => {
  const seen: string[] = [];
  const record: JobtapCallback = (_job, { entry, prevState }) => {
    seen.push(`${entry?.name} ${prevState}`);
  };
  const states = ["depend", "priority", "sched", "run", "cleanup", "inactive"];
  const jobs = withPlugin(Object.fromEntries(states.map((name) => [`job.state.${name}`, record])));
  jobs.schedule();
  jobs.execute();
  jobs.run();
  expect(seen).toEqual([
    "validate 1",
    "depend 2",
    "priority 4",
    "alloc 8",
    "finish 16",
    "clean 32",
  ]);
});

test("built-in plugins are listed in their order, and can be removed and loaded again", () => {
  const { loader } = new TestManager();
  expect(loader.list()).toEqual([
    ".priority-default",
    ".limit-job-size",
    ".limit-duration",
    ".dependency-after",
    ".dependency-singleton",
    ".begin-time",
    ".validate-duration",
    ".update-duration",
    ".history",
    ".post-event",
    ".update-queue",
  ]);
  loader.remove(".history");
  expect(loader.list()).not.toContain(".history");
  loader.load(".history", undefined);
  expect(loader.list().at(-1)).toBe(".history");
  expect(() => loader.load(".history", undefined)).toThrow(".history already loaded");
  expect(() => loader.load("nope.so", undefined)).toThrow("nope.so: No such plugin found");
  expect(() => loader.remove("*")).toThrow("Failed to find plugin to remove");
  loader.remove(".limit-*");
  expect(loader.list()).not.toContain(".limit-duration");
  expect(loader.query(".begin-time")).toEqual({ name: ".begin-time", path: "builtin" });
  expect(() => loader.query("x")).toThrow("x: plugin not found");
});

test("the history lists a user's jobs, newest first", () => {
  const jobs = new TestManager();
  for (const now of [1000, 1002, 1001]) {
    jobs.manager.now = now;
    jobs.submit();
  }
  jobs.submit({ userid: 7 });
  const plugin = jobs.manager.jobtap.plugins.find(({ name }) => name === ".history");
  const get = (slice: string) =>
    plugin?.services?.[0]?.handler({ slice }, { userid: 500, rolemask: 1 });
  expect(get("[:]")).toEqual({ jobs: [2n, 3n, 1n] });
  expect(get("[:1]")).toEqual({ jobs: [2n] });
});

test("submit-hold holds every job", () => {
  const jobs = new TestManager();
  jobs.loader.load("submit-hold.so", undefined);
  jobs.schedule();
  const id = jobs.accept();
  expect(jobs.job(id)).toMatchObject({ state: JobState.SCHED, urgency: 0, priority: 0 });
  expect(jobs.allocRequests()).toEqual([]);
  expect(jobs.loader.list().at(-1)).toBe("submit-hold.so");
  jobs.loader.remove("all");
  expect(jobs.loader.list()).not.toContain("submit-hold.so");
});

test("alloc-bypass gives a job of the owner the R it brings", () => {
  const jobs = new TestManager();
  jobs.loader.load("alloc-bypass.so", undefined);
  jobs.schedule();
  const system = { "alloc-bypass": { R: testR } };
  expect(refusal(jobs, { system: { "alloc-bypass": { R: {} } } })).toContain(
    "alloc-bypass: invalid R",
  );
  expect(refusal(jobs, { system, userid: 7 })).toBe("Guest user cannot use alloc bypass");
  const id = jobs.accept({ system });
  expect(jobs.allocRequests()).toEqual([]);
  const [commit] = jobs.take("call");
  expect(commit?.request).toMatchObject({ ops: [{ key: expect.stringMatching(/\.R$/) }] });
  commit?.done();
  expect(jobs.job(id)).toMatchObject({ state: JobState.RUN, R: testR });
  expect([...jobs.manager.alloc.hello()]).toEqual([]);
  jobs.execute();
  jobs.finish(id);
  expect(jobs.freed()).toEqual([]);
});

test("alloc-check ends a job that is given another one's resources", () => {
  const jobs = new TestManager();
  jobs.loader.load("alloc-check.so", undefined);
  jobs.schedule();
  jobs.execute();
  const [first, second, third] = [1, 2, 3].map(() => jobs.accept()) as [JobId, JobId, JobId];
  jobs.alloc(first);
  jobs.alloc(second);
  expect(jobs.job(second).state).toBe(JobState.CLEANUP);
  jobs.finish(first);
  jobs.alloc(third);
  expect(jobs.job(third).state).toBe(JobState.RUN);
});
