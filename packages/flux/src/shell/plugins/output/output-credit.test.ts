import { expect, test } from "vitest";
import { OutputCredit } from "./output-credit.ts";

test("more is asked for once, at the low water mark, and output stops without credit", () => {
  const credit = new OutputCredit({ hwm: 4, lwm: 1 });
  expect([1, 2].map(() => credit.onSent())).toEqual([[], []]);
  expect(credit.onSent()).toEqual(["request"]);
  expect(credit.onSent()).toEqual(["stop"]);
  expect(credit.onSent()).toEqual([]);
  expect(credit.onGranted(4)).toEqual(["start"]);
  expect(credit.onSent()).toEqual([]);
  expect(credit.onSent()).toEqual(["request"]);
  expect(credit.onGranted(4)).toEqual([]);
});
