import { expect, test } from "vitest";
import { SchedStats } from "./sched-stats.ts";

test("averages follow the newest samples", () => {
  const stats = new SchedStats();
  stats.onRequest(10);
  stats.onRequest(12);
  stats.onPass(4);
  stats.onPass(0);
  stats.onForecast();
  expect(stats.toJson(3)).toMatchObject({
    sched_passes: 2,
    forecast_passes: 1,
    sched_duration_ewma: 0.75,
    sched_interval_ewma: 0.5,
    pending_jobs: 3,
  });
  stats.clear();
  expect(stats.toJson(0)).toMatchObject({ sched_passes: 0, sched_interval_ewma: 0 });
});
