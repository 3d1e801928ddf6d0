import { JobFlag } from "@flux-ts/protocol/services/job-ingest";
import { asker, ownerCred, TestManager } from "@flux-ts/testing/test-manager";
import { expect, test } from "vitest";
import { list } from "./list.ts";
import { raiseOne } from "./raise.ts";

const waitable = { flags: JobFlag.Waitable };

function started(): TestManager {
  const jobs = new TestManager();
  jobs.schedule();
  jobs.execute();
  return jobs;
}

function answers(jobs: TestManager) {
  return jobs.take("answer").filter(({ to }) => !to.sender.startsWith("submit"));
}

test("a job that has ended is a zombie until its result is asked for", () => {
  const jobs = started();
  const id = jobs.run(waitable);
  expect(list(jobs.manager, 0)).toMatchObject([{ id, state: 64 }]);
  jobs.manager.wait.wait(asker("me"), id);
  expect(answers(jobs)).toMatchObject([{ response: { id, success: true, errstr: "" } }]);
  expect(list(jobs.manager, 0)).toEqual([]);
  expect(() => jobs.manager.wait.wait(asker("me"), id)).toThrow(
    "invalid job id, or job may be inactive and not waitable",
  );
});

test("a waiter is answered when its job ends, with what went wrong", () => {
  const jobs = started();
  const id = jobs.accept(waitable);
  jobs.manager.wait.wait(asker("me"), id);
  jobs.alloc(id);
  jobs.finish(id, 256);
  expect(answers(jobs)).toMatchObject([
    { response: { id, success: false, errstr: "task(s) exited with exit code 1" } },
  ]);
});

test("a job ended by an exception says which", () => {
  const jobs = started();
  const id = jobs.accept(waitable);
  jobs.manager.wait.wait(asker("me"), undefined);
  raiseOne(jobs.manager, ownerCred, { id, type: "cancel", severity: 0, note: "enough" });
  expect(answers(jobs)).toMatchObject([
    { response: { id, success: false, errstr: "Fatal exception type=cancel enough" } },
  ]);
});

test("waiters that nobody can satisfy are refused, the newest first", () => {
  const jobs = started();
  jobs.manager.wait.wait(asker("early"), undefined);
  expect(jobs.take("refuse")).toMatchObject([
    { to: { sender: "early" }, error: { message: "there are no more waitable jobs" } },
  ]);
  jobs.accept(waitable);
  jobs.manager.wait.wait(asker("a"), undefined);
  jobs.manager.wait.wait(asker("b"), undefined);
  expect(jobs.take("refuse")).toMatchObject([{ to: { sender: "b" } }]);
});

test("only waitable jobs can be waited for, by one waiter", () => {
  const jobs = started();
  const plain = jobs.accept();
  const id = jobs.accept(waitable);
  const { wait } = jobs.manager;
  expect(() => wait.wait(asker("me"), plain)).toThrow(
    "job was not submitted with FLUX_JOB_WAITABLE",
  );
  wait.wait(asker("me"), id);
  expect(() => wait.wait(asker("you"), id)).toThrow("job id already has a waiter");
  wait.disconnect("me");
  wait.wait(asker("you"), id);
  expect(wait.takeAll()).toMatchObject([{ sender: "you" }]);
});
