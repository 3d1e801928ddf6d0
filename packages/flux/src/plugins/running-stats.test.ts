import { expect, test } from "vitest";
import { RunningStats } from "./running-stats.ts";

test("mean, extremes and sample deviation are those of all the numbers pushed", () => {
  const stats = new RunningStats();
  for (const value of [2, 4, 4, 4, 5, 5, 7, 9]) stats.push(value);
  expect(stats.toJson()).toMatchObject({ count: 8, min: 2, max: 9, mean: 5 });
  expect(stats.stddev).toBeCloseTo(2.138, 3);
});

test("without numbers everything is 0", () => {
  expect(new RunningStats().toJson()).toEqual({ count: 0, min: 0, max: 0, mean: 0, stddev: 0 });
});
