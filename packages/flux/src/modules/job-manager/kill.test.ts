import { guestCred, ownerCred, TestManager } from "@flux-ts/testing/test-manager";
import { expect, test } from "vitest";
import { kill, killAll } from "./kill.ts";

test("the shells of a running job are sent a signal by event", () => {
  const jobs = new TestManager();
  jobs.schedule();
  const id = jobs.accept();
  const signal = (signum: number, cred = ownerCred) => kill(jobs.manager, cred, { id, signum });
  expect(() => signal(15)).toThrow("job is not running");
  jobs.alloc(id);
  expect(() => signal(0)).toThrow("Invalid signal number");
  expect(() => signal(65)).toThrow("Invalid signal number");
  expect(() => signal(15, guestCred)).toThrow("guests may only send signals to their own jobs");
  signal(15);
  expect(jobs.take("publish")).toEqual([
    { do: "publish", topic: `shell-${id}.kill`, payload: { signum: 15 }, isPrivate: false },
  ]);
});

test("an inactive job, and one that never was, cannot be signaled", () => {
  const jobs = new TestManager();
  jobs.schedule();
  jobs.execute();
  const id = jobs.run();
  expect(() => kill(jobs.manager, ownerCred, { id, signum: 9 })).toThrow("job is inactive");
  const unknown = (id + 1n) as typeof id;
  expect(() => kill(jobs.manager, ownerCred, { id: unknown, signum: 9 })).toThrow("unknown job id");
});

test("all running jobs of a user, or of all users", () => {
  const jobs = new TestManager();
  jobs.schedule();
  for (const userid of [500, 500, guestCred.userid]) jobs.alloc(jobs.accept({ userid }));
  jobs.accept();
  const args = { dry_run: false, userid: -1, signum: 10 };
  expect(killAll(jobs.manager, ownerCred, args)).toEqual({ count: 3, errors: 0 });
  expect(jobs.take("publish")).toHaveLength(3);
  expect(killAll(jobs.manager, ownerCred, { ...args, dry_run: true }).count).toBe(3);
  expect(jobs.take("publish")).toEqual([]);
  expect(killAll(jobs.manager, guestCred, { ...args, userid: guestCred.userid }).count).toBe(1);
  expect(() => killAll(jobs.manager, guestCred, args)).toThrow("guests can only kill their own");
});
