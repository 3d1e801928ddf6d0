import { expect, test } from "vitest";
import { execConfig } from "./config.ts";
import { KillPlan } from "./kill-plan.ts";

test("shells are asked, then tasks killed every kill-timeout, then shells with doubling delay", () => {
  const plan = new KillPlan(execConfig({}, ["kill-timeout=1s", "max-kill-count=2"]), 15, 0);
  const steps = Array.from({ length: 9 }, () => plan.next(0));
  expect(steps.map(({ step }) => step.do)).toEqual([
    "signal-shells",
    ...Array(5).fill("signal-tasks"),
    "signal-shells",
    "signal-shells",
    "give-up",
  ]);
  expect(steps.map(({ delaySeconds }) => delaySeconds)).toEqual([
    1,
    1,
    1,
    1,
    1,
    1,
    1,
    2,
    undefined,
  ]);
});

test("max-kill-timeout ends it by time instead of count", () => {
  const plan = new KillPlan(execConfig({}, ["max-kill-timeout=10s"]), 15, 100);
  plan.next(100);
  expect(plan.next(105).step.do).toBe("signal-tasks");
  expect(plan.next(110).step.do).toBe("give-up");
});
