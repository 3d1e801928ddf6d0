import type { JobId } from "@flux-ts/protocol/job/fluid";
import { JobState } from "@flux-ts/protocol/job/states";
import { JobFlag } from "@flux-ts/protocol/services/job-ingest";
import { TestManager, testR } from "@flux-ts/testing/test-manager";
import { expect, test } from "vitest";
import { restoreCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { isOver, replay, restore, resume } from "./restart.ts";

/** A manager that starts with what another one left in the KVS. */
function restarted(before: TestManager): TestManager {
  before.commit();
  const after = new TestManager();
  for (const [id, eventlog] of before.logs) {
    const job = before.manager.jobs.active.get(id);
    const jobspec = job && JSON.stringify(job.jobspec);
    const R = job?.R && JSON.stringify(job.R);
    restore(after.manager, replay({ id, eventlog, jobspec, R }));
    after.logs.set(id, eventlog);
  }
  resume(after.manager);
  return after;
}

test("pending jobs are scheduled again, after flux-restart and another priority", () => {
  const before = new TestManager();
  before.schedule();
  const id = before.accept();
  before.allocRequests();
  const after = restarted(before);
  expect(after.job(id)).toMatchObject({ state: JobState.SCHED, priority: 16 });
  expect(after.names(id).slice(-2)).toEqual(["flux-restart", "priority"]);
  after.schedule();
  expect(after.allocRequests()).toEqual([id]);
});

test("running jobs are given to the execution service to reattach", () => {
  const before = new TestManager();
  before.schedule();
  before.execute();
  const id = before.accept();
  before.alloc(id);
  before.respond(id, "start");
  const after = restarted(before);
  expect(after.manager.jobs.running).toBe(1);
  expect([...after.manager.alloc.hello()].map((job) => job.id)).toEqual([id]);
  after.execute();
  expect(after.take("send")[0]?.request).toMatchObject({ id, reattach: true, R: testR });
});

test("inactive jobs are only counted, remembered for dependencies and, if waitable, for wait", () => {
  const before = new TestManager();
  before.schedule();
  before.execute();
  const id = before.run({ flags: JobFlag.Waitable }, 256);
  const after = restarted(before);
  expect(after.manager.jobs.active.size).toBe(0);
  expect(after.manager.jobs.inactive.get(id)).toMatchObject({ result: 2, wasStarted: true });
  expect(after.manager.wait.zombies).toMatchObject([{ id }]);
  const dependencies = [{ scheme: "afternotok", value: `${id}` }];
  const next = after.submit({ system: { dependencies } });
  after.commit();
  expect(next).toBe(1n);
});

test("jobs with unmet dependencies wait on, without adding them twice", () => {
  const before = new TestManager();
  const first = before.accept();
  const second = before.accept({
    system: { dependencies: [{ scheme: "afterany", value: `${first}` }] },
  });
  const after = restarted(before);
  expect(after.job(second).state).toBe(JobState.DEPEND);
  expect(after.names(second).filter((name) => name === "dependency-add")).toHaveLength(1);
  after.schedule();
  after.execute();
  after.alloc(first);
  after.finish(first);
  expect(after.job(second).state).toBe(JobState.SCHED);
});

test("a dependency that cannot be checked any more is noted, not fatal", () => {
  const before = new TestManager();
  const first = before.accept();
  const second = before.accept({
    system: { dependencies: [{ scheme: "afterany", value: `${first}` }] },
  });
  before.commit();
  before.logs.delete(first);
  const after = restarted(before);
  expect(after.job(second).state).toBe(JobState.DEPEND);
  expect(after.names(second).at(-1)).toBe("exception");
  expect(after.entries(second).at(-1)?.context).toMatchObject({ severity: 4, type: "dependency" });
});

test("only the last event says whether a log is over", () => {
  const line = (name: string) => `{"timestamp":1.0,"name":"${name}"}\n`;
  expect(isOver(line("submit") + line("clean"))).toBe(true);
  expect(isOver(line("clean") + line("memo"))).toBe(false);
  expect(isOver('{"timestamp":1.0,"name":"memo","context":{"x":"clean"}}\n')).toBe(false);
  expect(isOver("")).toBe(false);
});

test("the checkpoint keeps the largest job id and the queues", () => {
  const before = new TestManager();
  before.accept();
  before.manager.queues.start({ start: false, reason: "night", all: false });
  const checkpoint = saveCheckpoint(before.manager);
  expect(checkpoint).toEqual({
    version: 1,
    max_jobid: 1n,
    queue: [{ enable: true, start: false, stop_reason: "night" }],
  });
  const after = new TestManager();
  restoreCheckpoint(after.manager, checkpoint, { stopStarted: false });
  expect(after.manager.jobs.maxId).toBe(1n as JobId);
  expect(saveCheckpoint(after.manager)).toEqual(checkpoint);
});
