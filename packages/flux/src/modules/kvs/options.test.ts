import { expect, test } from "vitest";
import { checkpointPeriodOf, parseKvsOptions } from "./options.ts";

test("module arguments are read, others refused", () => {
  const ref = `sha1-${"0".repeat(40)}`;
  expect(parseKvsOptions([])).toEqual({ merge: true, initialRootref: undefined });
  expect(parseKvsOptions(["transaction-merge=0", `initial-rootref=${ref}`])).toEqual({
    merge: false,
    initialRootref: ref,
  });
  for (const arg of ["bogus", "transaction-merge=x", "initial-rootref=sha1-1"]) {
    expect(() => parseKvsOptions([arg])).toThrow(/Unknown option/);
  }
});

test("the checkpoint period is a duration; none, zero and infinity mean no checkpoints", () => {
  const periodOf = (period: unknown) =>
    checkpointPeriodOf({ kvs: { "checkpoint-period": period as string } });
  expect(periodOf("30m")).toBe(1800);
  expect(periodOf("0")).toBeUndefined();
  expect(periodOf("inf")).toBeUndefined();
  expect(checkpointPeriodOf({})).toBeUndefined();
  for (const wrong of [5, "soon"]) expect(() => periodOf(wrong)).toThrow();
});
