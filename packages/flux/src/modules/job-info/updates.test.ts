import { encodeUtf8 } from "@flux-ts/protocol/message/text";
import { expect, test } from "vitest";
import { EventLines } from "./event-lines.ts";
import { updatedBy } from "./updates.ts";

test("a resource update changes the expiration of R, and nothing else does", () => {
  const R = { version: 1, execution: { expiration: 0, nodelist: ["a"] } };
  const event = { timestamp: 1, name: "resource-update", context: { expiration: 7 } };
  expect(updatedBy("R", R, event)).toEqual({
    version: 1,
    execution: { expiration: 7, nodelist: ["a"] },
  });
  expect(R.execution.expiration).toBe(0);
  expect(updatedBy("jobspec", R, event)).toBeUndefined();
});

test("a jobspec update sets dotted keys, also ones that were not there", () => {
  const jobspec = { attributes: { system: { duration: 0 } } };
  const context = { "attributes.system.duration": 9, "attributes.system.job.name": "x" };
  expect(updatedBy("jobspec", jobspec, { timestamp: 1, name: "jobspec-update", context })).toEqual({
    attributes: { system: { duration: 9, job: { name: "x" } } },
  });
});

test("lines come out whole, however the log was appended", () => {
  const lines = new EventLines();
  expect(lines.add(encodeUtf8("a\nb"))).toEqual(["a\n"]);
  expect(lines.add(encodeUtf8("c\nd\n"))).toEqual(["bc\n", "d\n"]);
  expect(lines.add(encodeUtf8(""))).toEqual([]);
});
