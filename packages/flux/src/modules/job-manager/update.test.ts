import type { JobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { asker, guestCred, ownerCred, TestManager } from "@flux-ts/testing/test-manager";
import { expect, test } from "vitest";

const duration = (value: number) => ({ "attributes.system.duration": value });

function request(jobs: TestManager, id: JobId, updates: object, cred = ownerCred): void {
  jobs.update.request(asker("me"), cred, { id, updates: { ...updates } });
}

function answered(jobs: TestManager): number {
  return jobs.take("answer").filter(({ to }) => to.sender === "me").length;
}

test("the duration of a pending job is updated at once", () => {
  const jobs = new TestManager();
  const id = jobs.accept();
  request(jobs, id, duration(100));
  expect(answered(jobs)).toBe(1);
  expect(jobs.names(id).slice(-2)).toEqual(["jobspec-update", "priority"]);
  expect(jobs.job(id).jobspec).toMatchObject({ attributes: { system: { duration: 100 } } });
});

test("keys that no plugin allows, and paths outside the jobspec, are refused", () => {
  const jobs = new TestManager();
  const id = jobs.accept();
  expect(() => request(jobs, id, { "attributes.system.cwd": "/" })).toThrow(
    "update of attributes.system.cwd not supported",
  );
  expect(() => request(jobs, id, { version: 2 })).toThrow(
    "one or more jobspec updates are invalid",
  );
  expect(() => request(jobs, 9n as JobId, duration(1))).toThrow("unknown job id");
});

test("a running job's duration is the scheduler's business, too", () => {
  const jobs = new TestManager();
  jobs.schedule();
  jobs.execute();
  const id = jobs.accept();
  jobs.alloc(id);
  expect(() => request(jobs, id, duration(-1))).toThrow("duration must not be negative");
  request(jobs, id, duration(500));
  const [call] = jobs.take("call");
  expect(call).toMatchObject({
    method: { topic: "sched.expiration" },
    request: { id, expiration: 1500 },
  });
  expect(answered(jobs)).toBe(0);
  call?.done();
  expect(answered(jobs)).toBe(1);
  expect(jobs.names(id).slice(-2)).toEqual(["jobspec-update", "resource-update"]);
  expect(jobs.job(id).R).toMatchObject({ execution: { expiration: 1500 } });
});

test("a scheduler that refuses has the last word; one that does not care agrees", () => {
  const jobs = new TestManager();
  jobs.schedule();
  jobs.execute();
  const id = jobs.accept();
  jobs.alloc(id);
  request(jobs, id, duration(500));
  jobs.take("call")[0]?.done(new FluxError("EINVAL"));
  expect(jobs.take("refuse")).toMatchObject([
    { error: { message: "scheduler refused expiration update" } },
  ]);
  request(jobs, id, duration(600));
  jobs.take("call")[0]?.done(new FluxError("ENOSYS"));
  expect(answered(jobs)).toBe(1);
});

test("guests update their own jobs within the limits, and not while they run", () => {
  const jobs = new TestManager({ policy: { limits: { duration: "1m" } } });
  jobs.schedule();
  const id = jobs.accept({ userid: guestCred.userid, system: { duration: 10 } });
  expect(() => request(jobs, id, duration(100), guestCred)).toThrow(
    "requested duration (1.7m) exceeds policy limit of 1m",
  );
  request(jobs, id, duration(50), guestCred);
  jobs.alloc(id);
  expect(() => request(jobs, id, duration(20), guestCred)).toThrow(
    "duration update of running job requires instance owner privileges",
  );
});

test("what the owner allowed beyond the limits the user cannot change any more", () => {
  const jobs = new TestManager({ policy: { limits: { duration: "1m" } } });
  const id = jobs.accept({ userid: guestCred.userid, system: { duration: 10 } });
  request(jobs, id, duration(1000));
  expect(jobs.names(id)).toContain("set-flags");
  expect(() => request(jobs, id, duration(5), guestCred)).toThrow(
    "job is immutable due to previous instance owner update",
  );
});

test("jobs without a duration follow the instance's end", () => {
  const jobs = new TestManager();
  jobs.schedule();
  jobs.execute();
  const bounded = jobs.accept({ system: { duration: 60 } });
  const open = jobs.accept();
  for (const id of [bounded, open]) jobs.alloc(id);
  jobs.update.onInstanceExpiration(5000);
  jobs.update.onInstanceExpiration(6000);
  expect(jobs.job(open).R).toMatchObject({ execution: { expiration: 6000 } });
  expect(jobs.job(bounded).R).toMatchObject({ execution: { expiration: 0 } });
});

test("jobs that would outlast the instance are refused", () => {
  const jobs = new TestManager();
  jobs.update.onInstanceExpiration(1600);
  jobs.submit({ system: { duration: 3600 } });
  jobs.commit();
  expect(jobs.take("answer")[0]?.response).toEqual({
    errors: [[1n, "job duration (1h) exceeds remaining instance lifetime (10m)"]],
  });
});
