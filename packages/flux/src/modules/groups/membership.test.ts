import { Idset } from "@flux-ts/protocol/text/idset";
import { expect, test } from "vitest";
import { Membership } from "./membership.ts";

test("members come and go, and the parent hears of each change once, in order", () => {
  const membership = new Membership();
  expect(membership.apply("a", { ranks: "1-3", set: true })).toBe(true);
  expect(membership.apply("a", { ranks: "2", set: true })).toBe(false);
  expect(membership.apply("a", { ranks: "2", set: false })).toBe(true);
  expect(membership.members("a").encode()).toBe("1,3");
  expect(membership.takePending()).toEqual({
    a: [
      { ranks: "1-3", set: true },
      { ranks: "2", set: false },
    ],
  });
  expect(membership.takePending()).toBeUndefined();
});

test("a lost subtree leaves every group", () => {
  const membership = new Membership();
  membership.apply("a", { ranks: "0-7", set: true });
  membership.apply("b", { ranks: "5", set: true });
  membership.apply("c", { ranks: "0", set: true });
  expect(membership.removeRanks(Idset.parse("4-7"))).toEqual(["a", "b"]);
  expect(membership.toJson()).toEqual({ a: "0-3", c: "0" });
});
