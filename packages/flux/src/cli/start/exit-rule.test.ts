import { expect, test } from "vitest";
import { ExitRule } from "./exit-rule.ts";

function started(mode: "any" | "leader", size = 3): ExitRule {
  const rule = new ExitRule(mode, size);
  for (let rank = 0; rank < size; rank++) rule.onStart(rank);
  return rule;
}

test("the highest status of all brokers counts, or the leader's", () => {
  const any = started("any");
  const leader = started("leader");
  for (const rule of [any, leader]) {
    rule.onExit(1, 137);
    rule.onExit(0, 3);
    rule.onExit(2, 0);
  }
  expect([any.status, leader.status]).toEqual([137, 3]);
  expect([any.isOver, any.isWaiting]).toEqual([true, false]);
});

test("the first exit of any, or the leader's, sets the others a term", () => {
  const any = started("any");
  const leader = started("leader");
  expect([any.isWaiting, leader.isWaiting]).toEqual([false, false]);
  any.onExit(2, 0);
  leader.onExit(2, 0);
  expect([any.isWaiting, leader.isWaiting]).toEqual([true, false]);
  leader.onExit(0, 0);
  expect(leader.isWaiting).toBe(true);
  expect(any.remaining).toBe("0-1");
});

test("a broker that is started again counts as running", () => {
  const any = started("any");
  any.onExit(1, 1);
  any.onStart(1);
  expect(any.isWaiting).toBe(false);
  const leader = started("leader");
  leader.onExit(0, 1);
  leader.onStart(0);
  expect(leader.isWaiting).toBe(false);
});
