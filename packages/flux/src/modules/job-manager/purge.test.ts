import { TestManager } from "@flux-ts/testing/test-manager";
import { expect, test } from "vitest";
import { checkPurge, configuredLimits, forget, purge, purgeable, purgeLimits } from "./purge.ts";

function withInactive(count: number): TestManager {
  const jobs = new TestManager();
  jobs.schedule();
  jobs.execute();
  for (let n = 0; n < count; n++) {
    jobs.manager.now = 1000 + n;
    jobs.run();
  }
  return jobs;
}

const args = { age_limit: -1, num_limit: -1, batch: 10, force: true };

test("the oldest jobs beyond a number are purgeable", () => {
  const { manager } = withInactive(5);
  expect([...purgeable(manager, { count: 3 })]).toEqual([1n, 2n]);
  expect([...purgeable(manager, {})]).toEqual([]);
});

test("jobs older than an age are purgeable", () => {
  const { manager } = withInactive(5);
  manager.now = 1010;
  expect([...purgeable(manager, { ageSeconds: 8 })]).toEqual([1n, 2n]);
});

test("purged jobs are forgotten, announced, and gone from the history", () => {
  const jobs = withInactive(3);
  expect(purge(jobs.manager, { count: 0 }, 2)).toEqual({ ids: [1n, 2n], wasLargest: false });
  expect(jobs.take("publish")).toMatchObject([
    { topic: "job-purge-inactive", payload: { jobs: [1n, 2n] } },
  ]);
  expect(jobs.manager.jobs.inactive.size).toBe(1);
  expect(purge(jobs.manager, { count: 0 }, 2)).toEqual({ ids: [3n], wasLargest: true });
});

test("a job is purged by id, if it is inactive", () => {
  const jobs = withInactive(1);
  const active = jobs.accept();
  expect(() => checkPurge(jobs.manager, active)).toThrow("cannot purge active job");
  expect(() => checkPurge(jobs.manager, (active + 1n) as typeof active)).toThrow("id not found");
  const [id] = jobs.manager.jobs.inactive.ids();
  checkPurge(jobs.manager, id!);
  expect(forget(jobs.manager, [id!]).ids).toEqual([id]);
});

test("limits out of range are refused", () => {
  expect(() => purgeLimits({ ...args, age_limit: -2 })).toThrow("age limit must be >= 0");
  expect(() => purgeLimits({ ...args, num_limit: -2 })).toThrow("num limit must be >= 0");
  expect(() => purgeLimits({ ...args, batch: 101 })).toThrow("batch must be >= 1 and <= 100");
  expect(purgeLimits({ ...args, num_limit: 4 })).toEqual({ ageSeconds: undefined, count: 4 });
});

test("limits in the configuration are a duration and a number", () => {
  const table = { "inactive-age-limit": "1h", "inactive-num-limit": 9 };
  expect(configuredLimits(table)).toEqual({ ageSeconds: 3600, count: 9 });
  expect(() => configuredLimits({ "inactive-age-limit": "old" })).toThrow("invalid FSD");
  expect(() => configuredLimits({ "inactive-num-limit": -1 })).toThrow("must be >= 0");
});
