import { expect, test } from "vitest";
import { HeartbeatMonitor } from "./monitor.ts";

const limits = { period: 2, warnAfter: 3, timeout: 300 };

test("a late heartbeat is warned about once, until the next one arrives", () => {
  const monitor = new HeartbeatMonitor(limits, 0);
  expect(monitor.onTick(5.9)).toEqual([]);
  expect(monitor.onTick(6)).toEqual([{ do: "warn", overdue: 4 }]);
  expect(monitor.onTick(8)).toEqual([]);
  monitor.onHeartbeat(9);
  expect(monitor.onTick(15)).toEqual([{ do: "warn", overdue: 4 }]);
});

test("the parent is given up once, when the timeout has passed", () => {
  const monitor = new HeartbeatMonitor(limits, 0);
  expect(monitor.onTick(300)).toEqual([{ do: "disconnect-parent", silent: 300 }]);
  expect(monitor.onTick(302)).toEqual([]);
});
