import { expect, test } from "vitest";
import {
  dumpedCore,
  exitCodeOf,
  exitedStatus,
  isExited,
  isSignaled,
  jobStatusText,
  signaledStatus,
  signalOf,
  statusNote,
  statusText,
} from "./wait-status.ts";

test("a process that exited", () => {
  const status = exitedStatus(3);
  expect(status).toBe(768);
  expect([isExited(status), isSignaled(status), signalOf(status)]).toEqual([true, false, 0]);
  expect(exitCodeOf(status)).toBe(3);
  expect([statusText(status), statusNote(status)]).toEqual(["Exited (rc=3)", "Exit 3"]);
});

test("a process that a signal ended", () => {
  const status = signaledStatus(9);
  expect([isExited(status), isSignaled(status), signalOf(status)]).toEqual([false, true, 9]);
  expect(exitCodeOf(status)).toBe(137);
  expect([statusText(status), statusNote(status)]).toEqual(["Killed", "Killed"]);
  expect([dumpedCore(status), dumpedCore(status | 0x80)]).toEqual([false, true]);
  expect(signalOf(status | 0x80)).toBe(9);
});

test("a stopped process has neither exited nor been ended", () => {
  const stopped = (19 << 8) | 0x7f;
  expect([isExited(stopped), isSignaled(stopped)]).toEqual([false, false]);
});

test.each([
  [0, ""],
  [256, "task(s) exited with exit code 1"],
  [36608, "task(s) Terminated"],
  [15, "job shell Terminated"],
  [14, "job shell Alarm clock"],
  [127 << 8, "task(s) exited with exit code 127"],
])("job status %d reads %j", (status, text) => {
  expect(jobStatusText(status)).toBe(text);
});
