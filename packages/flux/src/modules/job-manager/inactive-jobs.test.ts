import type { JobId } from "@flux-ts/protocol/job/fluid";
import { JobResult } from "@flux-ts/protocol/job/states";
import { expect, test } from "vitest";
import { type InactiveJob, InactiveJobs } from "./inactive-jobs.ts";

function inactive(id: number, tClean: number, more: Partial<InactiveJob> = {}): InactiveJob {
  return {
    id: BigInt(id) as JobId,
    userid: 1001,
    tSubmit: id,
    tClean,
    result: JobResult.COMPLETED,
    wasAllocated: true,
    wasStarted: true,
    endedByException: false,
    ...more,
  };
}

test("what was put in comes out", () => {
  const jobs = new InactiveJobs();
  const odd = inactive(7, 5, {
    result: JobResult.TIMEOUT,
    wasStarted: false,
    endedByException: true,
  });
  expect(jobs.add(odd)).toBe(true);
  expect(jobs.add(odd)).toBe(false);
  expect(jobs.get(odd.id)).toEqual(odd);
  expect(jobs.get(8n as JobId)).toBeUndefined();
});

test("they are ordered by the time they became inactive, whatever order they came in", () => {
  const jobs = new InactiveJobs();
  for (const [id, tClean] of [
    [1, 30],
    [2, 10],
    [3, 20],
  ] as const)
    jobs.add(inactive(id, tClean));
  expect([...jobs.byAge()]).toEqual([2n, 3n, 1n]);
  expect(jobs.oldest).toBe(2n);
});

test("deleted ones are gone from the order, and their place is used again", () => {
  const jobs = new InactiveJobs();
  for (let id = 0; id < 5000; id++) jobs.add(inactive(id, id));
  for (let id = 0; id < 4000; id++) expect(jobs.delete(BigInt(id) as JobId)).toBe(true);
  expect(jobs.delete(4500n as JobId)).toBe(true);
  expect(jobs.size).toBe(999);
  expect(jobs.oldest).toBe(4000n);
  jobs.add(inactive(9000, 9000));
  expect([...jobs.byAge()].at(-1)).toBe(9000n);
  expect(jobs.get(9000n as JobId)?.tSubmit).toBe(9000);
  expect([...jobs.byAge()]).not.toContain(4500n);
});
