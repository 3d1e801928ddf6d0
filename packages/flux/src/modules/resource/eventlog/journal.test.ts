import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import { expect, test } from "vitest";
import { Journal } from "./journal.ts";

const event = (timestamp: number, name = "online"): EventlogEntry => ({ timestamp, name });
const names = (journal: Journal): string[] =>
  journal.events.map(({ timestamp, name }) => `${name} ${timestamp}`);

test("RFC 44: a backlog ends with the sentinel", () => {
  const journal = new Journal([event(1)], 10);
  expect(journal.backlog()).toEqual([
    { events: [event(1)], withR: false },
    { events: [], withR: false },
  ]);
});

test("RFC 44: resource-define travels alone and with R", () => {
  const journal = new Journal([], 10);
  for (const name of ["online", "resource-define", "drain"]) journal.add(event(1, name));
  expect(journal.backlog().map(({ events, withR }) => [events.length, withR])).toEqual([
    [1, false],
    [1, true],
    [1, false],
    [0, false],
  ]);
});

test("long backlogs come in batches", () => {
  const events = Array.from({ length: 250 }, (_, i) => event(i + 1));
  const batches = new Journal(events, 1000).backlog();
  expect(batches.map(({ events }) => events.length)).toEqual([100, 100, 50, 0]);
});

test("resource-define events of earlier runs are forgotten", () => {
  expect(names(new Journal([event(1, "resource-define"), event(2)], 10))).toEqual(["online 2"]);
});

test("RFC 44 truncate: it stands for what was dropped and has the time of its last event", () => {
  const journal = new Journal([], 3);
  for (const timestamp of [1, 2, 3, 4, 5]) journal.add(event(timestamp));
  expect(names(journal)).toEqual(["truncate 3", "online 4", "online 5"]);
  journal.setMax(2);
  expect(names(journal)).toEqual(["truncate 4", "online 5"]);
});

test("a journal of many events stays at its limit", () => {
  const journal = new Journal([], 100);
  for (let timestamp = 1; timestamp <= 10_000; timestamp++) journal.add(event(timestamp));
  expect(journal.events).toHaveLength(100);
  expect(journal.events[0]).toEqual({ timestamp: 9901, name: "truncate" });
});
