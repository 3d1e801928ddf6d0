import { afterEach, expect, test, vi } from "vitest";
import { WallClock } from "./wall-clock.ts";

afterEach(() => vi.restoreAllMocks());

test("it agrees with the system's clock and never goes back", () => {
  const clock = new WallClock();
  let last = 0;
  for (let n = 0; n < 1000; n++) {
    const now = clock.now();
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
  }
  expect(Math.abs(last - Date.now() / 1000)).toBeLessThan(0.01);
});

test("it tells apart what happens within a millisecond", () => {
  vi.spyOn(Date, "now").mockReturnValue(1_700_000_000_000);
  const monotonic = vi.spyOn(performance, "now").mockReturnValue(50);
  const clock = new WallClock();
  expect(clock.now()).toBe(1_700_000_000);
  monotonic.mockReturnValue(50.25);
  expect(clock.now()).toBe(1_700_000_000.00025);
});

test("it follows when the system's clock is set, even back", () => {
  const date = vi.spyOn(Date, "now").mockReturnValue(1_700_000_000_000);
  vi.spyOn(performance, "now").mockReturnValue(50);
  const clock = new WallClock();
  clock.now();
  date.mockReturnValue(1_600_000_000_000);
  expect(clock.now()).toBe(1_600_000_000);
});
