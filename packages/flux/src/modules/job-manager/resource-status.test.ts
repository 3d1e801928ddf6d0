import { TestManager } from "@flux-ts/testing/test-manager";
import { expect, test } from "vitest";
import { allocatedResources } from "./resource-status.ts";

test("the resources of all jobs that hold some, as one R", () => {
  const jobs = new TestManager();
  jobs.schedule();
  jobs.execute();
  expect(allocatedResources(jobs.manager)).toMatchObject({ execution: { R_lite: [] } });
  const id = jobs.accept();
  jobs.alloc(id);
  expect(allocatedResources(jobs.manager)).toMatchObject({
    execution: { R_lite: [{ rank: "0", children: { core: "0" } }] },
  });
  jobs.finish(id);
  expect(allocatedResources(jobs.manager)).toMatchObject({ execution: { R_lite: [] } });
});

test("two jobs with the same resources are a defect that is not hidden", () => {
  const jobs = new TestManager();
  jobs.schedule();
  for (const id of [jobs.accept(), jobs.accept()]) jobs.alloc(id);
  expect(() => allocatedResources(jobs.manager)).toThrow("duplicate allocation");
});
