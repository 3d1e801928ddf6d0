import { toJobId } from "@flux-ts/protocol/job/fluid";
import { JobResult, JobState } from "@flux-ts/protocol/job/states";
import { expect, test } from "vitest";
import { attributeNames, listingOf, selectAttributes } from "./attributes.ts";
import { InactiveJobs } from "./inactive-jobs.ts";
import { Job } from "./job.ts";
import { rowsPerPage } from "./packed-job.ts";

function inactiveJob(id: number, members: Partial<Job> = {}): Job {
  const job = new Job(toJobId(id));
  return Object.assign(job, {
    state: JobState.INACTIVE,
    states: JobState.DEPEND | JobState.INACTIVE,
    result: JobResult.FAILED,
    tSubmit: id,
    tInactive: 1000 + id,
    ...members,
  });
}

const all = selectAttributes(["all"]);

test("a packed job is listed as it was before", () => {
  const jobs = new InactiveJobs();
  const full = inactiveJob(2 ** 45, {
    userid: 4294967294,
    priority: 4294967295,
    urgency: 31,
    states: 127 & ~JobState.NEW,
    result: JobResult.COMPLETED,
    success: true,
    tDepend: 1.5,
    tPriority: 2.25,
    tSched: 3,
    tRun: 4,
    tCleanup: 5,
    name: "a",
    cwd: "/b",
    queue: "c",
    project: "d",
    bank: "e",
    duration: 0,
    ntasks: 0,
    ncores: 2,
    nnodes: 3,
    ranks: "[0-2]",
    nodelist: "node[0-2]",
    expiration: 0,
    waitStatus: 0,
    exception: { type: "t", severity: 7, note: "" },
    annotations: { user: { big: 12345678901234567890n } },
    dependencies: [],
  });
  const bare = inactiveJob(1);
  for (const job of [full, bare]) {
    const slot = jobs.add(job);
    expect(listingOf(jobs.get(slot), all)).toEqual(listingOf(job, all));
  }
  expect(Object.keys(listingOf(full, all))).toEqual(["id", ...attributeNames.slice(0, -1)]);
});

test("the latest come first; of those that ended at once, the younger", () => {
  const jobs = new InactiveJobs();
  const ends = [5, 3, 9, 5, 1, 9];
  for (const [i, tInactive] of ends.entries()) jobs.add(inactiveJob(i, { tInactive }));
  expect(Array.from(jobs, ({ id }) => Number(id))).toEqual([5, 2, 3, 0, 1, 4]);
});

test("slots of deleted jobs are used again, on the same pages", () => {
  const jobs = new InactiveJobs();
  const slots = Array.from({ length: rowsPerPage + 5 }, (_, id) =>
    jobs.add(inactiveJob(id, { name: `job${id}` })),
  );
  for (const slot of slots.slice(10, 20)) jobs.delete(slot);
  expect(jobs.size).toBe(rowsPerPage - 5);
  const again = Array.from({ length: 10 }, (_, i) => jobs.add(inactiveJob(5000 + i)));
  expect(again.sort((a, b) => a - b)).toEqual(slots.slice(10, 20));
  expect(Array.from(jobs, ({ id }) => Number(id)).slice(0, 11)).toEqual([
    5009,
    5008,
    5007,
    5006,
    5005,
    5004,
    5003,
    5002,
    5001,
    5000,
    rowsPerPage + 4,
  ]);
});
