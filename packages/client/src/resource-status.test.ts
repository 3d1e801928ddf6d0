import { Idset } from "@flux-ts/protocol/text/idset";
import { expect, test } from "vitest";
import { ResourceStatus } from "./resource-status.ts";

const status = new ResourceStatus(
  {
    R: {
      version: 1,
      execution: { R_lite: [{ rank: "0-7", children: { core: "0" } }], nodelist: ["n[0-7]"] },
    },
    drain: { "1-2": { timestamp: 10, reason: "a" }, "3": { timestamp: 20, reason: "" } },
    online: "0-6",
    offline: "7",
    exclude: "0",
    torpid: "6",
  },
  Idset.of(2, 4),
  Idset.of(5),
);

test("drained ranks with jobs are draining, the others drained", () => {
  expect(status.draining.encode()).toBe("2");
  expect(status.drained.encode()).toBe("1,3");
  expect(status.reasonOf(2)).toEqual({ timestamp: 10, reason: "a" });
});

test("available is what is neither excluded, drained nor torpid, online or not", () => {
  expect(status.avail.encode()).toBe("4-5,7");
});

test("a part of it tells of its ranks alone", () => {
  const part = status.only(Idset.parse("0-2"));
  expect(part.avail.encode()).toBe("");
  expect(part.online.encode()).toBe("0-2");
  expect(part.drained.encode()).toBe("1");
  expect(part.hostsOf(part.all).encode()).toBe("n[0-2]");
});
