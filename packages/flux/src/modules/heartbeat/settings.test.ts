import { expect, test } from "vitest";
import { heartbeatSettings } from "./settings.ts";

test("settings come from the table, and arguments win", () => {
  const config = { heartbeat: { period: "5s", timeout: "1m", warn_thresh: 10 } };
  expect(heartbeatSettings(config, [])).toEqual({ period: 5, timeout: 60, warnThresh: 10 });
  expect(heartbeatSettings(config, ["period=1s"]).period).toBe(1);
  expect(heartbeatSettings({}, [])).toEqual({ period: 2, timeout: 300, warnThresh: 3 });
});

test("a timeout of 0 or infinity is for ever", () => {
  for (const timeout of ["0", "infinity"]) {
    expect(heartbeatSettings({ heartbeat: { timeout } }, []).timeout).toBe(Infinity);
  }
});

test.each([
  [{ period: 4 }, "heartbeat.period must be a Flux standard duration"],
  [{ period: "zzz" }, /duration/],
  [{ z: 42 }, "heartbeat.z: unknown key"],
  [{ warn_thresh: -1 }, "heartbeat.warn_thresh must be positive"],
  [{ period: "2s", timeout: "1s" }, "heartbeat.timeout must be >= 2*heartbeat.period"],
])("%j is refused", (heartbeat, text) => {
  expect(() => heartbeatSettings({ heartbeat }, [])).toThrow(text);
});
