import { expect, test } from "vitest";
import { Deadlines } from "./deadlines.ts";

test("what is due is taken in order of time; what is not stays", () => {
  const deadlines = new Deadlines();
  const ran: number[] = [];
  for (const at of [3, 1, 2, 9]) deadlines.add(at, () => ran.push(at));
  expect(deadlines.next).toBe(1);
  for (const run of deadlines.take(3)) run();
  expect(ran).toEqual([1, 2, 3]);
  expect(deadlines.next).toBe(9);
});

test("a canceled deadline does not come", () => {
  const deadlines = new Deadlines();
  const cancel = deadlines.add(1, () => {});
  cancel();
  cancel();
  expect(deadlines.take(2)).toEqual([]);
  expect(deadlines.next).toBeUndefined();
});
