import { Idset } from "@flux-ts/protocol/text/idset";
import { expect, test } from "vitest";
import { AcquireView, type Availability } from "./acquire-view.ts";

function availability(given: Partial<Record<keyof Availability, string>>): Availability {
  const set = (key: keyof Availability): Idset => Idset.parse(given[key] ?? "");
  return {
    drained: set("drained"),
    down: set("down"),
    torpid: set("torpid"),
    excluded: set("excluded"),
    lost: set("lost"),
  };
}

const ranks = Idset.parse("0-7");

test("up is what is neither drained, down, torpid nor excluded", () => {
  const given = { drained: "0", down: "1-2", torpid: "3", excluded: "4" };
  expect(new AcquireView(ranks, availability(given)).up.encode()).toBe("5-7");
});

test("only changes are told", () => {
  const view = new AcquireView(ranks, availability({ down: "0-3" }));
  expect(view.onChange(availability({ down: "0-1" }))).toEqual({ up: "2-3" });
  expect(view.onChange(availability({ down: "1", drained: "7" }))).toEqual({ up: "0", down: "7" });
  expect(view.onChange(availability({ down: "1", drained: "1,7" }))).toBeUndefined();
});

test("RFC 28 shrink: ranks that are gone for good go down as well, once", () => {
  const view = new AcquireView(ranks, availability({}));
  const gone = availability({ down: "6", lost: "6" });
  expect(view.onChange(gone)).toEqual({ down: "6", shrink: "6" });
  expect(view.onChange(gone)).toBeUndefined();
});
