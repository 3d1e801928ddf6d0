import { expect, test } from "vitest";
import { DeliveryOrder } from "./delivery.ts";

test("an event waits for those posted before it", () => {
  const order = new DeliveryOrder<string>();
  const first = order.post("first");
  const second = order.post("second");
  expect(second.settle()).toEqual([]);
  expect(order.post("third").settle()).toEqual([]);
  expect(first.settle()).toEqual(["first", "second", "third"]);
  expect(order.size).toBe(0);
});

test("an event that could not be kept holds back nobody", () => {
  const order = new DeliveryOrder<string>();
  const lost = order.post("lost");
  order.post("next").settle();
  expect(lost.settle(true)).toEqual(["next"]);
});
