import { JobState } from "@flux-ts/protocol/job/states";
import { Priority } from "@flux-ts/protocol/job/urgency";
import { guestCred, ownerCred, TestManager } from "@flux-ts/testing/test-manager";
import { prioritizeAll } from "flux-ts/modules/job-manager/prioritize";
import { setUrgency } from "flux-ts/modules/job-manager/urgency";
import { expect, test } from "vitest";

test("RFC 30 Implementation: a held job is not assigned resources", () => {
  const jobs = new TestManager();
  jobs.schedule();
  const id = jobs.accept({ urgency: 0 });
  expect(jobs.job(id)).toMatchObject({ state: JobState.SCHED, priority: Priority.MIN });
  expect(jobs.allocRequests()).toEqual([]);
  setUrgency(jobs.manager, ownerCred, { id, urgency: 16 });
  expect(jobs.allocRequests()).toEqual([id]);
});

test("RFC 30 Implementation: holding a job takes its request back", () => {
  const jobs = new TestManager();
  jobs.schedule();
  const id = jobs.accept();
  jobs.allocRequests();
  setUrgency(jobs.manager, ownerCred, { id, urgency: 0 });
  expect(jobs.take("notify").some(({ method }) => method.topic === "sched.cancel")).toBe(true);
  jobs.manager.alloc.onResponse({ id, type: 3 });
  expect(jobs.allocRequests()).toEqual([]);
  expect(jobs.manager.alloc.outstanding).toBe(0);
});

test("RFC 30 Implementation: an expedited job has the highest priority, whatever plugins say", () => {
  const jobs = new TestManager();
  const id = jobs.accept({ urgency: 31 });
  expect(jobs.job(id).priority).toBe(Priority.MAX);
  prioritizeAll(jobs.manager);
  expect(jobs.job(id).priority).toBe(Priority.MAX);
});

test("RFC 30 Implementation: guests set urgencies up to 16, or lower than they are", () => {
  const jobs = new TestManager();
  const id = jobs.accept({ userid: guestCred.userid });
  expect(() => setUrgency(jobs.manager, guestCred, { id, urgency: 17 })).toThrow(
    "guests can only adjust urgency <= default",
  );
  expect(setUrgency(jobs.manager, guestCred, { id, urgency: 3 })).toEqual({ old_urgency: 16 });
  setUrgency(jobs.manager, ownerCred, { id, urgency: 25 });
  expect(setUrgency(jobs.manager, guestCred, { id, urgency: 24 })).toEqual({ old_urgency: 25 });
});

test("RFC 30 Implementation: guests change their own jobs only, and in range", () => {
  const jobs = new TestManager();
  const id = jobs.accept();
  expect(() => setUrgency(jobs.manager, guestCred, { id, urgency: 1 })).toThrow(
    "guests can only reprioritize their own jobs",
  );
  expect(() => setUrgency(jobs.manager, ownerCred, { id, urgency: 32 })).toThrow(
    "urgency value is out of range",
  );
});

test("RFC 30 Implementation: the plugin is notified, and each change is in the log", () => {
  const jobs = new TestManager();
  const id = jobs.accept();
  setUrgency(jobs.manager, ownerCred, { id, urgency: 9 });
  expect(jobs.names(id).slice(-2)).toEqual(["urgency", "priority"]);
  expect(jobs.job(id).priority).toBe(9);
});

test("urgency cannot be changed once resources are allocated", () => {
  const jobs = new TestManager();
  jobs.schedule();
  const id = jobs.accept();
  jobs.alloc(id);
  expect(() => setUrgency(jobs.manager, ownerCred, { id, urgency: 1 })).toThrow(
    "urgency cannot be changed once resources are allocated",
  );
});
