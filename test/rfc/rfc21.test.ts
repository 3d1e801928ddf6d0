import { parseEventlog } from "@flux-ts/protocol/job/eventlog";
import { fromCommand } from "@flux-ts/protocol/job/from-command";
import { updatedJobspec } from "@flux-ts/protocol/job/jobspec";
import { JobState, stateName, VirtualState } from "@flux-ts/protocol/job/states";
import { Priority } from "@flux-ts/protocol/job/urgency";
import { expect, test } from "vitest";

test("RFC 21 State Descriptions: there are seven states", () => {
  expect(Object.keys(JobState)).toEqual([
    "NEW",
    "DEPEND",
    "PRIORITY",
    "SCHED",
    "RUN",
    "CLEANUP",
    "INACTIVE",
  ]);
});

test("RFC 21 State Descriptions: states are bits, so that they can be joined to masks", () => {
  expect(Object.values(JobState)).toEqual([1, 2, 4, 8, 16, 32, 64]);
});

test("RFC 21 Virtual States: PENDING is DEPEND, PRIORITY or SCHED", () => {
  expect(VirtualState.PENDING).toBe(JobState.DEPEND | JobState.PRIORITY | JobState.SCHED);
  expect(stateName(VirtualState.PENDING)).toBe("PENDING");
});

test("RFC 21 Virtual States: RUNNING is RUN or CLEANUP", () => {
  expect(VirtualState.RUNNING).toBe(JobState.RUN | JobState.CLEANUP);
});

test("RFC 21 Virtual States: ACTIVE is pending or running", () => {
  expect(VirtualState.ACTIVE).toBe(VirtualState.PENDING | VirtualState.RUNNING);
});

test("RFC 21 Jobspec-update Event: dotted keys replace values in the jobspec", () => {
  const [event] = parseEventlog(
    '{"timestamp":1552593348.073045,"name":"jobspec-update","context":{"attributes.system.duration":3600}}\n',
  );
  const jobspec = updatedJobspec(fromCommand(["app"], { duration: 60 }), event!.context!);
  expect(jobspec.attributes.system.duration).toBe(3600);
});

test("RFC 21 Priority Event: priorities are 0 to 4294967295", () => {
  expect(Priority).toEqual({ MIN: 0, MAX: 4294967295 });
});
