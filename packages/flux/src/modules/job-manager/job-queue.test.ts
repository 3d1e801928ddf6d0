import type { JobId } from "@flux-ts/protocol/job/fluid";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Job } from "./job.ts";
import { comparePriority, JobQueue } from "./job-queue.ts";

function jobOf(id: number, priority: number): Job {
  const job = new Job(BigInt(id) as JobId, {});
  job.priority = priority;
  return job;
}

test("jobs come by priority, highest first, then by id", () => {
  const queue = new JobQueue();
  const [a, b, c] = [jobOf(1, 16), jobOf(2, 20), jobOf(3, 16)] as [Job, Job, Job];
  for (const job of [c, a, b]) queue.insert(job);
  expect([...queue]).toEqual([b, a, c]);
  expect([...queue.reversed()]).toEqual([c, a, b]);
  expect(queue.first).toBe(b);
});

test("a job is found although its priority has changed since it was put in", () => {
  const queue = new JobQueue();
  const jobs = [1, 2, 3].map((id) => jobOf(id, 16)) as [Job, Job, Job];
  for (const job of jobs) queue.insert(job);
  jobs[2].priority = 30;
  queue.reorder(jobs[2]);
  expect(queue.first).toBe(jobs[2]);
  jobs[2].priority = 1;
  expect(queue.delete(jobs[2])).toBe(true);
  expect(queue.delete(jobs[2])).toBe(false);
  expect([...queue]).toEqual(jobs.slice(0, 2));
});

test("any sequence of insertions, deletions and changes leaves the same order as sorting", () => {
  const step = fc.record({
    id: fc.nat(40),
    what: fc.constantFrom("insert", "delete", "change"),
    priority: fc.nat(4),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new JobQueue();
      const jobs = new Map<number, Job>();
      for (const { id, what, priority } of steps) {
        const job = jobs.get(id) ?? jobOf(id, priority);
        if (what === "insert") {
          queue.insert(job);
          jobs.set(id, job);
        } else if (what === "delete") {
          queue.delete(job);
          jobs.delete(id);
        } else {
          job.priority = priority;
          queue.reorder(job);
        }
      }
      expect([...queue]).toEqual([...jobs.values()].sort(comparePriority));
      expect(queue.size).toBe(jobs.size);
    }),
  );
});

test("many jobs stay in order over several chunks", () => {
  const queue = new JobQueue();
  const jobs = Array.from({ length: 5000 }, (_, id) => jobOf(id, (id * 7919) % 5));
  for (const job of jobs) queue.insert(job);
  expect([...queue]).toEqual([...jobs].sort(comparePriority));
  for (const job of jobs.slice(0, 4990)) queue.delete(job);
  expect([...queue]).toEqual(jobs.slice(4990).sort(comparePriority));
});
