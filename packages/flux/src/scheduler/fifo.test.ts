import { toJobId } from "@flux-ts/protocol/job/fluid";
import { parseR } from "@flux-ts/protocol/resource/resource-set-json";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { expect, test } from "vitest";
import { type AllocAnswer, FifoScheduler } from "./fifo.ts";
import { ResourcePool } from "./pool.ts";
import { topologyOf } from "./read-r.ts";

function scheduler(cores = "0-3"): FifoScheduler {
  const R_lite = [{ rank: "0", children: { core: cores } }];
  const R = { version: 1, execution: { R_lite, nodelist: ["a"] } };
  const pool = new ResourcePool(topologyOf(parseR(R)));
  pool.markUp([0]);
  return new FifoScheduler(pool);
}

function jobspec(cores: number, duration = 0): JsonObject {
  const slot = { type: "slot", count: 1, label: "t", with: [{ type: "core", count: cores }] };
  return { resources: [slot], attributes: { system: { duration } }, version: 1 };
}

const id = toJobId;
const brief = (answers: AllocAnswer[]): string[] =>
  answers.map((answer) => `${answer.do} ${answer.id}`);

test("requests are answered by priority, then by job id", () => {
  const sched = scheduler();
  sched.onAlloc(id(2), 16, jobspec(1));
  sched.onAlloc(id(1), 16, jobspec(1));
  sched.onAlloc(id(3), 17, jobspec(1));
  expect(brief(sched.schedule(0).answers)).toEqual(["success 3", "success 1", "success 2"]);
});

test("a job that must wait holds back all behind it", () => {
  const sched = scheduler();
  sched.onAlloc(id(1), 16, jobspec(3));
  sched.onAlloc(id(2), 16, jobspec(2));
  sched.onAlloc(id(3), 16, jobspec(1));
  expect(brief(sched.schedule(0).answers)).toEqual(["success 1"]);
  sched.pool.free(id(1));
  sched.onChange();
  expect(brief(sched.schedule(0).answers)).toEqual(["success 2", "success 3"]);
});

test("an urgent job overtakes one that waits", () => {
  const sched = scheduler();
  sched.onAlloc(id(1), 16, jobspec(3));
  sched.onAlloc(id(2), 16, jobspec(2));
  sched.schedule(0);
  sched.onAlloc(id(3), 31, jobspec(1));
  expect(brief(sched.schedule(0).answers)).toEqual(["success 3"]);
});

test("a job that can never run is denied and holds back nobody", () => {
  const sched = scheduler();
  sched.onAlloc(id(1), 16, jobspec(5));
  sched.onAlloc(id(2), 16, jobspec(1));
  const { answers } = sched.schedule(0);
  expect(brief(answers)).toEqual(["deny 1", "success 2"]);
  expect(answers[0]).toMatchObject({ note: expect.stringMatching(/^unsatisfiable request: /) });
});

test("a jobspec that cannot be understood is denied at once", () => {
  expect(scheduler().onAlloc(id(1), 16, {})).toEqual([
    { do: "deny", id: 1n, note: "cannot parse jobspec: jobspec has no resources" },
  ]);
});

test("RFC 27: a cancelled request is answered, an unknown one is ignored", () => {
  const sched = scheduler();
  sched.onAlloc(id(1), 16, jobspec(4));
  sched.onAlloc(id(2), 16, jobspec(4));
  sched.schedule(0);
  expect(sched.onCancel(id(2))).toEqual([{ do: "cancel", id: 2n }]);
  expect(sched.onCancel(id(2))).toEqual([]);
});

test("an allocation lasts as long as the job may, else as long as the instance", () => {
  const sched = scheduler();
  sched.pool.expiration = 500;
  sched.onAlloc(id(1), 16, jobspec(1, 60));
  sched.onAlloc(id(2), 16, jobspec(1));
  const ends = sched
    .schedule(100)
    .answers.map(
      (answer) => answer.do === "success" && (answer.R.execution as JsonObject).expiration,
    );
  expect(ends).toEqual([160, 500]);
});

test("the answer names the resources and clears what was said while the job waited", () => {
  const sched = scheduler();
  sched.onAlloc(id(1), 16, jobspec(4, 60));
  sched.onAlloc(id(2), 16, jobspec(1));
  sched.schedule(100);
  expect(sched.forecast(100)).toEqual([
    { do: "annotate", id: 2n, annotations: { sched: { t_estimate: 160 } } },
  ]);
  expect(sched.forecast(101)).toEqual([]);
  sched.pool.free(id(1));
  sched.onChange();
  expect(sched.schedule(110).answers).toMatchObject([
    { annotations: { sched: { resource_summary: "rank0/core0", t_estimate: null } } },
  ]);
});

test("estimates follow the order of the queue and end at a job without an end", () => {
  const sched = scheduler();
  sched.onAlloc(id(1), 16, jobspec(4, 60));
  for (const [n, cores, duration] of [
    [2, 3, 10],
    [3, 2, 10],
    [4, 4, 0],
    [5, 1, 10],
  ] as const) {
    sched.onAlloc(id(n), 16, jobspec(cores, duration));
  }
  sched.schedule(100);
  const estimates = sched
    .forecast(100)
    .map((answer) => [
      Number(answer.id),
      answer.do === "annotate" && (answer.annotations.sched as JsonObject).t_estimate,
    ]);
  expect(estimates).toEqual([
    [2, 160],
    [3, 170],
    [4, 180],
  ]);
});

test("a limit ends a pass early and says that there is more", () => {
  const sched = scheduler();
  for (const n of [1, 2, 3]) sched.onAlloc(id(n), 16, jobspec(1));
  expect(sched.schedule(0, 2)).toMatchObject({ answers: { length: 2 }, more: true });
  expect(sched.schedule(0, 2)).toMatchObject({ answers: { length: 1 }, more: false });
});
