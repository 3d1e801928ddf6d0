import { f58, type JobId } from "@flux-ts/protocol/job/fluid";
import { JobState } from "@flux-ts/protocol/job/states";
import { ownerCred, TestManager } from "@flux-ts/testing/test-manager";
import { jobtapApi } from "flux-ts/modules/job-manager/jobtap-api";
import { raiseOne } from "flux-ts/modules/job-manager/raise";
import { expect, test } from "vitest";

function started(): TestManager {
  const jobs = new TestManager();
  jobs.schedule();
  jobs.execute();
  return jobs;
}

const after = (scheme: string, id: JobId) => ({
  system: { dependencies: [{ scheme, value: f58(id) }] },
});

function dependencyEvents(jobs: TestManager, id: JobId): string[] {
  jobs.commit();
  return jobs
    .entries(id)
    .filter(({ name }) => name.startsWith("dependency-") || name === "exception")
    .map(({ name, context }) => `${name} ${context?.description ?? context?.note}`);
}

function cancel(jobs: TestManager, id: JobId): void {
  raiseOne(jobs.manager, ownerCred, { id, type: "cancel", severity: 0 });
}

function refusal(jobs: TestManager, job: Parameters<TestManager["submit"]>[0]): unknown {
  jobs.take("answer");
  jobs.submit(job);
  jobs.commit();
  return jobs.take("answer")[0]?.response;
}

test("RFC 26 after: met once the antecedent has posted start", () => {
  const jobs = started();
  const first = jobs.accept();
  const second = jobs.accept(after("afterstart", first));
  expect(jobs.job(second).state).toBe(JobState.DEPEND);
  jobs.alloc(first);
  expect(jobs.job(second).state).toBe(JobState.DEPEND);
  jobs.respond(first, "start");
  expect(jobs.job(second).state).toBe(JobState.SCHED);
  expect(dependencyEvents(jobs, second)).toEqual([
    `dependency-add after-start=${f58(first)}`,
    `dependency-remove after-start=${f58(first)}`,
  ]);
});

test("RFC 26 after: a fatal exception if the antecedent ends without having started", () => {
  const jobs = started();
  const first = jobs.accept();
  const second = jobs.accept(after("afterstart", first));
  cancel(jobs, first);
  expect(jobs.manager.jobs.inactive.has(second)).toBe(true);
  expect(dependencyEvents(jobs, second)[1]).toBe(
    `exception dependency after-start=${f58(first)} job never started`,
  );
});

test("RFC 26 after: the old name is noted as deprecated", () => {
  const jobs = started();
  const second = jobs.accept(after("after", jobs.accept()));
  expect(dependencyEvents(jobs, second)[0]).toBe(
    "exception dependency scheme 'after' is deprecated, use 'afterstart'",
  );
  expect(jobs.job(second).state).toBe(JobState.DEPEND);
});

test("RFC 26 afterany: met when the antecedent is inactive, whatever the result", () => {
  const jobs = started();
  const first = jobs.accept();
  const second = jobs.accept(after("afterany", first));
  cancel(jobs, first);
  expect(jobs.job(second).state).toBe(JobState.SCHED);
});

test("RFC 26 afterok: met by success, a fatal exception otherwise", () => {
  const jobs = started();
  const good = jobs.accept();
  const bad = jobs.accept();
  const afterGood = jobs.accept(after("afterok", good));
  const afterBad = jobs.accept(after("afterok", bad));
  for (const id of [good, bad]) jobs.alloc(id);
  jobs.finish(good, 0);
  jobs.finish(bad, 256);
  expect(jobs.job(afterGood).state).toBe(JobState.SCHED);
  expect(dependencyEvents(jobs, afterBad)[1]).toBe(
    `exception dependency after-success=${f58(bad)} can never be satisfied`,
  );
});

test("RFC 26 afternotok: met by failure, a fatal exception otherwise", () => {
  const jobs = started();
  const good = jobs.accept();
  const bad = jobs.accept();
  const afterGood = jobs.accept(after("afternotok", good));
  const afterBad = jobs.accept(after("afternotok", bad));
  for (const id of [good, bad]) jobs.alloc(id);
  jobs.finish(good, 0);
  jobs.finish(bad, 256);
  expect(jobs.manager.jobs.inactive.has(afterGood)).toBe(true);
  expect(jobs.job(afterBad).state).toBe(JobState.SCHED);
});

test("RFC 26 Simple Dependencies: an inactive antecedent decides at once", () => {
  const jobs = started();
  const good = jobs.run();
  const id = jobs.accept(after("afterok", good));
  expect(jobs.job(id).state).toBe(JobState.SCHED);
  expect(refusal(jobs, after("afternotok", good))).toMatchObject({
    errors: [[3n, `dependency: afternotok: job ${f58(good)} succeeded`]],
  });
  expect(refusal(jobs, after("afterexcept", good))).toMatchObject({
    errors: [[4n, `dependency: afterexcept: job ${f58(good)}: no exception`]],
  });
});

test("RFC 26 Simple Dependencies: the antecedent must be there and belong to the same user", () => {
  const jobs = started();
  const missing = 77n as JobId;
  expect(refusal(jobs, after("afterok", missing))).toMatchObject({
    errors: [[1n, `dependency: afterok: id ${f58(missing)}: job not found`]],
  });
  const first = jobs.accept();
  expect(refusal(jobs, { ...after("afterok", first), userid: 7 })).toMatchObject({
    errors: [[3n, `afterok: Permission denied for job ${f58(first)}`]],
  });
  const bad = { system: { dependencies: [{ scheme: "afterok", value: "?" }] } };
  expect(refusal(jobs, bad)).toMatchObject({
    errors: [[4n, 'dependency: afterok: "?" is not a valid jobid']],
  });
});

test("RFC 26 begin-time: the value is seconds since the epoch", () => {
  const jobs = started();
  const at = (value: string) => ({ system: { dependencies: [{ scheme: "begin-time", value }] } });
  const id = jobs.accept(at("1500.1234"));
  expect(dependencyEvents(jobs, id)).toEqual(["dependency-add begin-time=1500.123"]);
  expect(jobs.manager.deadlines.next).toBe(1500.1234);
  expect(refusal(jobs, at("tomorrow"))).toMatchObject({
    errors: [[2n, "Invalid begin-time=tomorrow"]],
  });
  cancel(jobs, id);
  expect(jobs.manager.deadlines.next).toBeUndefined();
});

test("singleton: one job of a user and name at a time, in the order of submission", () => {
  const jobs = started();
  const named = { dependencies: [{ scheme: "singleton", value: "" }], job: { name: "nightly" } };
  const [first, second, third] = [1, 2, 3].map(() => jobs.accept({ system: named })) as [
    JobId,
    JobId,
    JobId,
  ];
  const states = () => [first, second, third].map((id) => jobs.manager.jobs.active.get(id)?.state);
  expect(states()).toEqual([JobState.SCHED, JobState.DEPEND, JobState.DEPEND]);
  cancel(jobs, first);
  expect(states()).toEqual([undefined, JobState.SCHED, JobState.DEPEND]);
  expect(jobs.loader.query(".dependency-singleton")).toMatchObject({
    "500:nightly": { count: 2, singletons: [third] },
  });
  const nameless = { system: { dependencies: named.dependencies } };
  expect(refusal(jobs, nameless)).toMatchObject({
    errors: [[4n, "singleton jobs require a job name"]],
  });
});

test("RFC 26 Dependency Event Semantics: adding one twice posts it once", () => {
  const jobs = started();
  const first = jobs.accept();
  const id = jobs.accept(after("afterok", first));
  const api = jobtapApi(jobs.manager, () => jobs.manager.jobtap.plugins[0]!);
  api.addDependency(id, "mine");
  api.addDependency(id, "mine");
  expect(jobs.names(id).filter((name) => name === "dependency-add")).toHaveLength(2);
});

test("RFC 26 Dependency Event Semantics: adding a satisfied one again is an error", () => {
  const jobs = started();
  const id = jobs.accept(after("afterok", jobs.accept()));
  const api = jobtapApi(jobs.manager, () => jobs.manager.jobtap.plugins[0]!);
  api.addDependency(id, "mine");
  api.removeDependency(id, "mine");
  expect(() => api.addDependency(id, "mine")).toThrow("was satisfied before");
});
