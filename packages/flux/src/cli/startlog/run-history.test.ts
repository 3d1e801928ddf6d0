import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import { expect, test } from "vitest";
import { runHistory } from "./run-history.ts";

const begin = new Date(2026, 10, 22, 8, 30).getTime() / 1000;
const event = (name: string, after: number, version = 1): EventlogEntry => ({
  timestamp: begin + after,
  name,
  context: { version, core_version: "0.88.0" },
});
const history = (events: EventlogEntry[], showVersion = false) =>
  runHistory(events, { version: 1, showVersion, now: begin + 3600 });

test("each run has a line with its begin, end and duration", () => {
  expect(history([event("start", 0), event("finish", 90)])).toEqual({
    text: "2026-11-22 08:30 - 2026-11-22 08:31 (1.5m)\n",
    hasCrashed: false,
  });
});

test("the current run is running", () => {
  expect(history([event("start", 0)])).toEqual({
    text: "2026-11-22 08:30 - running (1h)\n",
    hasCrashed: false,
  });
});

test("a start after a start tells of a crash", () => {
  expect(history([event("start", 0), event("start", 60)])).toEqual({
    text: "2026-11-22 08:30 - crashed\n2026-11-22 08:31 - running (59m)\n",
    hasCrashed: true,
  });
});

test("a clean end forgives earlier crashes", () => {
  const events = [event("start", 0), event("start", 60), event("finish", 120)];
  expect(history(events).hasCrashed).toBe(false);
});

test("the version of flux-core may be shown", () => {
  expect(history([event("start", 0)], true).text).toBe(
    `${" ".repeat(19)}0.88.0  2026-11-22 08:30 - running (1h)\n`,
  );
});

test("events of later versions, and those without one, are ignored", () => {
  const odd = { timestamp: begin, name: "start", context: {} };
  expect(history([event("start", 0, 2), odd]).text).toBe("");
});
