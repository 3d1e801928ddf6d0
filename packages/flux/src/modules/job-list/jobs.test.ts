import { type JobId, toJobId } from "@flux-ts/protocol/job/fluid";
import { JobState } from "@flux-ts/protocol/job/states";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { expect, test } from "vitest";
import { listingOf, selectAttributes } from "./attributes.ts";
import { Jobs } from "./jobs.ts";

const jobspec = {
  version: 1,
  resources: [{ type: "slot", count: 2, with: [{ type: "core", count: 3 }], label: "task" }],
  tasks: [{ command: ["/bin/true"], slot: "task", count: { per_slot: 1 } }],
  attributes: { system: { duration: 5, queue: "batch" } },
};
const R = {
  version: 1,
  execution: {
    R_lite: [{ rank: "0", children: { core: "0-5" } }],
    nodelist: ["node0"],
    expiration: 100,
  },
};
const submit: [string, JsonObject] = ["submit", { userid: 5, urgency: 16, flags: 0, version: 1 }];

/** Jobs that are told events of one job, one second after the other. */
class Tester {
  readonly jobs = new Jobs();
  #now = 1;

  tell(id: number, ...events: (string | [string, JsonObject])[]): this {
    for (const event of events) {
      const [name, context] = typeof event === "string" ? [event, {}] : event;
      const journalEvent = { name, context, timestamp: this.#now++, R: R as JsonObject };
      this.jobs.onEvent(toJobId(id), journalEvent, jobspec as JsonObject);
    }
    return this;
  }

  listing(id: number, ...attrs: string[]): JsonObject {
    const job = this.jobs.get(toJobId(id));
    if (!job) throw new Error("no such job");
    const { id: _id, ...rest } = listingOf(job, selectAttributes(attrs));
    return rest as JsonObject;
  }
}

const pendingIds = ({ jobs }: Tester): number[] => Array.from(jobs.pending, ({ id }) => Number(id));

test("a job is listed once it is validated, then as pending, running, inactive", () => {
  const tester = new Tester().tell(1, submit);
  const { jobs } = tester;
  const sizes = (): number[] => [jobs.pending.size, jobs.running.size, jobs.inactive.size];
  expect(sizes()).toEqual([0, 0, 0]);
  tester.tell(1, "validate", "depend", ["priority", { priority: 16 }]);
  expect(sizes()).toEqual([1, 0, 0]);
  tester.tell(1, "alloc", "start", ["finish", { status: 0 }]);
  expect(sizes()).toEqual([0, 1, 0]);
  tester.tell(1, "release", "free", "clean");
  expect(sizes()).toEqual([0, 0, 1]);
});

test("pending jobs move when their priority changes; those without one come last, by id", () => {
  const tester = new Tester();
  for (const id of [1, 2, 3, 4]) tester.tell(id, submit, "validate");
  expect(pendingIds(tester)).toEqual([1, 2, 3, 4]);
  tester.tell(3, "depend", ["priority", { priority: 16 }]);
  tester.tell(2, "depend", ["priority", { priority: 17 }]);
  expect(pendingIds(tester)).toEqual([2, 3, 1, 4]);
  tester.tell(3, ["priority", { priority: 18 }]);
  expect(pendingIds(tester)).toEqual([3, 2, 1, 4]);
});

test("a job thrown back to PRIORITY shows no priority, but when it was in SCHED first", () => {
  const tester = new Tester();
  tester.tell(1, submit, "validate", "depend", ["priority", { priority: 16 }]);
  tester.tell(1, ["urgency", { urgency: 20 }]);
  expect(tester.listing(1, "state", "urgency", "priority", "t_priority", "t_sched")).toEqual({
    state: JobState.PRIORITY,
    urgency: 20,
    t_priority: 3,
    t_sched: 4,
  });
  tester.tell(1, ["priority", { priority: 20 }]);
  expect(tester.listing(1, "state", "priority", "t_sched")).toEqual({
    state: JobState.SCHED,
    priority: 20,
    t_sched: 4,
  });
});

test("a finish event after a fatal exception does not start CLEANUP again, nor make a success", () => {
  const tester = new Tester().tell(1, submit, "validate", "depend", ["priority", { priority: 1 }]);
  tester.tell(1, "alloc", "start");
  tester.tell(1, ["exception", { type: "timeout", severity: 0, note: "late" }]);
  tester.tell(1, ["finish", { status: 0 }], "clean");
  expect(tester.listing(1, "t_cleanup", "success", "result", "waitstatus")).toEqual({
    t_cleanup: 7,
    success: false,
    result: 8,
    waitstatus: 0,
  });
});

test("of several exceptions the most severe counts, of equal ones the first", () => {
  const tester = new Tester().tell(1, submit, "validate");
  tester.tell(1, ["exception", { type: "b", severity: 3, note: "1" }]);
  tester.tell(1, ["exception", { type: "c", severity: 0, note: "2" }]);
  tester.tell(1, ["exception", { type: "d", severity: 0, note: "3" }]);
  expect(tester.listing(1, "exception_type")).toEqual({});
  tester.tell(1, "clean");
  expect(tester.listing(1, "exception_type", "exception_severity", "exception_note")).toEqual({
    exception_type: "c",
    exception_severity: 0,
    exception_note: "2",
  });
});

test("a dependency that was removed does not come back; an empty list shows there were some", () => {
  const tester = new Tester().tell(1, submit);
  expect(tester.listing(1, "dependencies")).toEqual({});
  const [a, b] = [{ description: "a" }, { description: "b" }];
  tester.tell(1, ["dependency-add", a], ["dependency-add", b], ["dependency-remove", a]);
  tester.tell(1, ["dependency-add", a]);
  expect(tester.listing(1, "dependencies")).toEqual({ dependencies: ["b"] });
  tester.tell(1, ["dependency-remove", b]);
  expect(tester.listing(1, "dependencies")).toEqual({ dependencies: [] });
});

test("memos are merged into the annotations below user; annotations replace all", () => {
  const tester = new Tester().tell(1, submit, ["memo", { a: 1 }], ["memo", { b: { c: 2 } }]);
  expect(tester.listing(1, "annotations")).toEqual({
    annotations: { user: { a: 1, b: { c: 2 } } },
  });
  tester.tell(1, ["memo", { a: null, b: null }]);
  expect(tester.listing(1, "annotations")).toEqual({});
  tester.tell(1, ["annotations", { annotations: { sched: { x: 1 } } }]);
  expect(tester.listing(1, "annotations")).toEqual({ annotations: { sched: { x: 1 } } });
  tester.tell(1, ["annotations", { annotations: null }]);
  expect(tester.listing(1, "annotations")).toEqual({});
});

test("updates change what the jobspec says, not what was allocated", () => {
  const tester = new Tester().tell(1, submit, "validate", "depend", ["priority", { priority: 1 }]);
  tester.tell(1, ["jobspec-update", { "attributes.system.queue": "debug" }]);
  expect(tester.listing(1, "queue", "duration", "state")).toEqual({
    queue: "debug",
    duration: 5,
    state: JobState.PRIORITY,
  });
  tester.tell(1, ["priority", { priority: 1 }], "alloc");
  tester.tell(1, ["jobspec-update", { "attributes.system.duration": 50 }]);
  tester.tell(1, ["resource-update", { expiration: 200 }]);
  expect(tester.listing(1, "duration", "expiration", "ncores", "nnodes")).toEqual({
    duration: 50,
    expiration: 200,
    ncores: 6,
    nnodes: 1,
  });
  expect(jobspec.attributes.system.queue).toBe("batch");
});

test("a malformed event is refused, and the job goes on", () => {
  const tester = new Tester().tell(1, submit, "validate", "depend");
  const bad: [string, JsonObject][] = [
    ["priority", { priority: "high" }],
    ["urgency", { urgency: 99 }],
    ["exception", { severity: 0 }],
    ["annotations", {}],
    ["resource-update", { expiration: 5 }],
  ];
  for (const event of bad) {
    expect(() => tester.tell(1, event)).toThrow(/^job ƒ2: [a-z-]+: /);
  }
  tester.tell(1, ["priority", { priority: 1 }], "alloc", ["finish", { status: 256 }], "clean");
  expect(tester.listing(1, "result")).toEqual({ result: 2 });
  expect(() => tester.tell(9, "validate")).toThrow("event validate: job 9 is not known");
});

test("a job without a valid jobspec shows what can be told", () => {
  const { jobs } = new Tester();
  const id = 1n as JobId;
  const tell = (name: string, context = {}): unknown =>
    jobs.onEvent(id, { name, context, timestamp: 1 }, { tasks: [{ command: ["/a/b/"] }] });
  tell("submit", submit[1]);
  tell("validate");
  expect(listingOf(jobs.get(id)!, selectAttributes(["name", "ntasks", "duration"]))).toEqual({
    id,
    name: "/a/b/",
  });
});

test("a job without a command has neither name nor tasks", () => {
  const { jobs } = new Tester();
  const bad = { ...jobspec, tasks: [{ ...jobspec.tasks[0], command: [] }] };
  for (const name of ["submit", "validate"]) {
    jobs.onEvent(1n as JobId, { name, context: submit[1], timestamp: 1 }, bad as JsonObject);
  }
  const listing = listingOf(jobs.get(1n as JobId)!, selectAttributes(["name", "ntasks", "queue"]));
  expect(listing).toEqual({ id: 1n, queue: "batch" });
});

test("an invalid job is forgotten, and so are purged ones, which are counted", () => {
  const tester = new Tester().tell(1, submit).tell(2, submit, "validate", "clean");
  tester.tell(3, submit, "validate");
  const { jobs } = tester;
  jobs.onInvalid(1n as JobId);
  expect(jobs.get(1n as JobId)).toBeUndefined();
  expect(jobs.onPurge([1, 2, 3n])).toBe(1);
  expect(jobs.get(2n as JobId)).toBeUndefined();
  expect(jobs.inactive.size).toBe(0);
  const stats = jobs.stats.toJson();
  expect(stats).toMatchObject({ failed: 0, inactive_purged: 1, job_states: { total: 1 } });
  expect(stats.queues).toMatchObject([{ name: "batch", inactive_purged: 1 }]);
});
