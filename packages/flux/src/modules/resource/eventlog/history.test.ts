import { expect, test } from "vitest";
import { keptHistory } from "./history.ts";

const log = [10, 20, 30, 40].map((timestamp) => ({ timestamp, name: "drain" }));
const times = (checkpoint: number, historySeconds: number): number[] =>
  keptHistory(log, checkpoint, historySeconds, 100).map(({ timestamp }) => timestamp);

test("events that are in the checkpoint go once they are older than the history", () => {
  expect(times(35, 75)).toEqual([30, 40]);
  expect(times(35, 0)).toEqual([40]);
});

test("events that are in no checkpoint stay, however old they are", () => {
  expect(times(0, 10)).toEqual([10, 20, 30, 40]);
});
