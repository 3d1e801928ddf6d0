import type { JobId } from "@flux-ts/protocol/job/fluid";
import { JobState } from "@flux-ts/protocol/job/states";
import { expect, test } from "vitest";
import { Job } from "./job.ts";
import { Waits } from "./waits.ts";

const id = 7n as JobId;

function jobIn(state: JobState, states: number = state): Job {
  return Object.assign(new Job(id), { state, states });
}

test("a wait is over in any state but NEW, in the state waited for, or at the end", () => {
  const waits = new Waits<string>();
  waits.add(id, 0, "any");
  waits.add(id, JobState.SCHED, "sched");
  waits.add(id, JobState.RUN, "run");
  expect(waits.take(jobIn(JobState.NEW))).toEqual([]);
  expect(waits.take(jobIn(JobState.DEPEND))).toEqual(["any"]);
  const past = JobState.DEPEND | JobState.PRIORITY | JobState.SCHED | JobState.CLEANUP;
  expect(waits.take(jobIn(JobState.CLEANUP, past))).toEqual(["sched"]);
  expect(waits.take(jobIn(JobState.INACTIVE))).toEqual(["run"]);
  expect(waits.size).toBe(0);
});

test("askers that are gone are dropped", () => {
  const waits = new Waits<string>();
  waits.add(id, 0, "a");
  waits.add(id, 0, "b");
  waits.add(8n as JobId, 0, "a");
  waits.drop((asker) => asker === "a");
  expect(waits.size).toBe(1);
  expect(waits.takeAll(id)).toEqual(["b"]);
});
