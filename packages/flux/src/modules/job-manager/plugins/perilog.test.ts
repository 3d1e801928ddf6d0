import { f58, type JobId } from "@flux-ts/protocol/job/fluid";
import { JobState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { TestManager } from "@flux-ts/testing/test-manager";
import { expect, test } from "vitest";
import { raise } from "../raise.ts";
import type { RankCommand } from "../rank-command.ts";

const R: JsonObject = {
  version: 1,
  execution: {
    R_lite: [{ rank: "1-3", children: { core: "0" } }],
    starttime: 1000,
    expiration: 0,
    nodelist: ["a[1-3]"],
  },
};

/** A job manager with these prologs and epilogs, and a job that has got its resources. */
function allocated(tables: JsonObject) {
  const jobs = new TestManager();
  jobs.manager.hosts = Hostlist.parse("a[0-3]");
  const configure = (config: JsonObject): void => jobs.loader.configure({ "job-manager": config });
  jobs.loader.load("perilog.so", {});
  configure(tables);
  jobs.schedule();
  jobs.execute();
  const id = jobs.accept();
  jobs.alloc(id, undefined, R);
  jobs.commit();
  return { jobs, id, configure };
}

/** The command that was started last. */
function started(jobs: TestManager): RankCommand {
  const command = jobs.take("run").at(-1)?.command;
  if (!command) throw new Error("nothing was started");
  return command;
}

/** Answer the request to drain ranks. */
function drained(jobs: TestManager): JsonObject | undefined {
  const call = jobs.take("call").find(({ method }) => method.topic === "resource.drain");
  call?.done();
  jobs.commit();
  return call?.request;
}

function cancel(jobs: TestManager, id: JobId): void {
  raise(jobs.manager, jobs.job(id), { type: "cancel", severity: 0 });
  jobs.commit();
}

const isStarting = (jobs: TestManager): boolean =>
  jobs.take("send").some(({ method }) => method.topic.endsWith(".start"));

const note = (jobs: TestManager, id: JobId): unknown =>
  jobs.entries(id).findLast(({ name }) => name === "exception")?.context;

const tail = (jobs: TestManager, id: JobId, count: number): string[] =>
  jobs.names(id).slice(-count);

const perRank = { command: ["site"], "per-rank": true };

test("the prolog runs on rank 0 and the job starts after it", () => {
  const { jobs, id } = allocated({ prolog: { command: ["site", "pro"] } });
  const command = started(jobs);
  expect(command).toMatchObject({
    cmdline: ["site", "pro"],
    ranks: [0],
    env: { FLUX_JOB_ID: f58(id), FLUX_JOB_RANKS: "1-3", FLUX_JOB_USERID: "500" },
  });
  expect(isStarting(jobs)).toBe(false);
  command.onExit(0, 0);
  expect(tail(jobs, id, 2)).toEqual(["prolog-start", "prolog-finish"]);
  expect(jobs.entries(id).at(-1)?.context).toEqual({
    description: "job-manager.prolog",
    status: 0,
  });
  expect(isStarting(jobs)).toBe(true);
});

test("the resources are free after the epilog", () => {
  const { jobs, id } = allocated({ epilog: perRank });
  jobs.finish(id);
  const command = started(jobs);
  expect(command.ranks).toEqual([1, 2, 3]);
  expect(tail(jobs, id, 1)).not.toContain("clean");
  for (const rank of [1, 2, 3]) command.onExit(rank, 0);
  expect(tail(jobs, id, 3)).toEqual(["epilog-finish", "free", "clean"]);
});

test("no epilog is started while the broker shuts down", () => {
  const { jobs, id } = allocated({ epilog: perRank });
  jobs.manager.isShuttingDown = true;
  jobs.finish(id);
  expect(jobs.take("run")).toEqual([]);
  expect(jobs.names(id)).not.toContain("epilog-start");
});

test("ranks where the prolog failed are drained before the job fails", () => {
  const { jobs, id } = allocated({ prolog: perRank });
  const command = started(jobs);
  command.onExit(1, 256);
  command.onExit(3, 512);
  command.onExit(2, 0);
  expect(jobs.names(id)).not.toContain("prolog-finish");
  const reason = `prolog failed for job ${f58(id)}`;
  expect(drained(jobs)).toEqual({ targets: "1,3", reason, mode: "update" });
  expect(tail(jobs, id, 4)).toEqual(["exception", "prolog-finish", "free", "clean"]);
  expect(note(jobs, id)).toMatchObject({
    type: "prolog",
    severity: 0,
    note: "prolog exited with code=2 on a[1,3] (rank 1,3)",
  });
});

test("a prolog ended by a signal is told as such", () => {
  const { jobs, id } = allocated({ prolog: { command: ["site"] } });
  started(jobs).onExit(0, 15);
  jobs.commit();
  expect(note(jobs, id)).toMatchObject({ note: "prolog killed by signal 15 on a0 (rank 0)" });
});

test("a lost rank does not fail a prolog, a missing command does", () => {
  const { jobs, id } = allocated({ prolog: perRank });
  const command = started(jobs);
  command.onFailed(1, new FluxError("EHOSTUNREACH"));
  command.onFailed(2, new FluxError("EHOSTUNREACH"));
  command.onExit(3, 0);
  expect(tail(jobs, id, 1)).toEqual(["prolog-finish"]);
  const { jobs: others, id: other } = allocated({ prolog: { command: ["nothing"] } });
  started(others).onFailed(0, new FluxError("ENOENT"));
  others.commit();
  expect(note(others, other)).toMatchObject({ note: "prolog exited with code=127 on a0 (rank 0)" });
});

test("the failure of an epilog is noted and does not change how the job ended", () => {
  const { jobs, id } = allocated({ epilog: perRank });
  jobs.finish(id);
  const command = started(jobs);
  for (const rank of [1, 2, 3]) command.onExit(rank, rank === 2 ? 256 : 0);
  expect(drained(jobs)).toMatchObject({ targets: "2" });
  expect(note(jobs, id)).toMatchObject({ type: "epilog", severity: 2 });
  expect(tail(jobs, id, 1)).toEqual(["clean"]);
});

test("a fatal exception ends the prolog, drains nothing, and has the epilog run", () => {
  const { jobs, id } = allocated({ prolog: perRank, epilog: perRank });
  const prolog = started(jobs);
  prolog.onExit(1, 0);
  cancel(jobs, id);
  expect(jobs.take("signal")).toMatchObject([{ ranks: [2, 3], signum: 15 }]);
  prolog.onExit(2, 15);
  prolog.onExit(3, 15);
  jobs.commit();
  expect(tail(jobs, id, 3)).toEqual(["exception", "epilog-start", "prolog-finish"]);
  expect(drained(jobs)).toBeUndefined();
  const epilog = started(jobs);
  cancel(jobs, id);
  expect(jobs.take("signal")).toEqual([]);
  for (const rank of [1, 2, 3]) epilog.onExit(rank, 0);
  expect(tail(jobs, id, 3)).toEqual(["epilog-finish", "free", "clean"]);
});

test("a prolog that withstands SIGTERM is given up and its ranks are drained", () => {
  const { jobs, id } = allocated({ prolog: { ...perRank, "kill-timeout": 0.5 } });
  const command = started(jobs);
  command.onExit(1, 0);
  command.onExit(2, 0);
  cancel(jobs, id);
  jobs.manager.now += 0.5;
  jobs.manager.onTick();
  const reason = `prolog canceled then timed out for job ${f58(id)}`;
  expect(drained(jobs)).toMatchObject({ targets: "3", reason });
  expect(note(jobs, id)).toMatchObject({
    note: "prolog canceled then timed out on a3 (rank 3)",
  });
  expect(tail(jobs, id, 1)).toEqual(["clean"]);
  command.onExit(3, 9);
});

test("a prolog that takes too long is ended and the job fails", () => {
  const { jobs, id } = allocated({ prolog: { ...perRank, timeout: "1s" } });
  const command = started(jobs);
  for (const rank of [1, 2]) command.onExit(rank, 0);
  jobs.manager.now += 1;
  jobs.manager.onTick();
  expect(jobs.take("signal")).toMatchObject([{ ranks: [3], signum: 15 }]);
  command.onExit(3, 15);
  expect(drained(jobs)).toMatchObject({ reason: `prolog timed out for job ${f58(id)}` });
  expect(note(jobs, id)).toMatchObject({ note: "prolog timed out on a3 (rank 3)" });
});

test("after a prolog that took too long the epilog runs before the job is over", () => {
  const { jobs, id } = allocated({ prolog: { command: ["p"], timeout: "1s" }, epilog: perRank });
  const prolog = started(jobs);
  jobs.manager.now += 1;
  jobs.manager.onTick();
  prolog.onExit(0, 0);
  expect(tail(jobs, id, 3)).toEqual(["exception", "epilog-start", "prolog-finish"]);
  const epilog = started(jobs);
  for (const rank of [1, 2, 3]) epilog.onExit(rank, 0);
  expect(tail(jobs, id, 3)).toEqual(["epilog-finish", "free", "clean"]);
});

test("an exception that is not fatal does not end the prolog", () => {
  const { jobs, id } = allocated({ prolog: perRank });
  raise(jobs.manager, jobs.job(id), { type: "test", severity: 2 });
  expect(jobs.take("signal")).toEqual([]);
  expect(jobs.job(id).state).toBe(JobState.RUN);
});

test("output is logged with job and host, but for what is to be ignored", () => {
  const { jobs, id } = allocated({
    prolog: { command: ["site"] },
    perilog: { "log-ignore": ["^foo:.*"] },
  });
  const command = started(jobs);
  jobs.take("log");
  for (const line of ["foo: 1", "", "bar: 2"]) command.onOutput(0, "stdout", line);
  command.onOutput(0, "stderr", "oops");
  expect(jobs.take("log").map(({ severity, text }) => [severity, text])).toEqual([
    [6, `${f58(id)}: prolog: a0 (rank 0): stdout: bar: 2`],
    [3, `${f58(id)}: prolog: a0 (rank 0): stderr: oops`],
  ]);
});

test("a query shows the configuration and what runs", () => {
  const { jobs, id, configure } = allocated({ prolog: perRank });
  expect(jobs.loader.query("perilog.so")).toMatchObject({
    conf: {
      prolog: {
        command: ["site"],
        per_rank: true,
        cancel_on_exception: true,
        timeout: 1800,
        "kill-timeout": 60,
      },
      epilog: {},
    },
    procs: {
      [f58(id)]: {
        name: "prolog",
        state: "running",
        total: 3,
        active: 3,
        active_ranks: "1-3",
        remaining_time: 1800,
      },
    },
  });
  configure({ prolog: { command: ["site"], timeout: "infinity" }, epilog: { command: ["e"] } });
  expect(jobs.loader.query("perilog.so").conf).toMatchObject({
    prolog: { timeout: 0 },
    epilog: { timeout: 0, cancel_on_exception: false },
  });
});

test.each<[JsonObject, RegExp]>([
  [{ prolog: { command: "x" } }, /\[job-manager.prolog\]: command must be an array/],
  [{ prolog: { command: ["x"], timeout: "5x" } }, /invalid prolog timeout/],
  [{ epilog: { command: ["x"], timeout: "5p" } }, /\[job-manager.epilog\]: invalid epilog timeout/],
  [{ prolog: {} }, /no command specified and exec.imp not defined/],
  [{ prolog: { command: [1, 2] } }, /malformed prolog command/],
  [{ prolog: { command: ["x"], foo: 1 } }, /1 object item\(s\) left unpacked: foo/],
  [{ prolog: { command: ["x"], "per-rank": 1 } }, /per-rank has the wrong type/],
  [{ perilog: { "log-ignore": "x" } }, /log-ignore: not an array/],
  [{ perilog: { "log-ignore": ["["] } }, /failed to compile regex: \[/],
])("configuration %j is refused", (tables, text) => {
  const jobs = new TestManager();
  jobs.loader.load("perilog.so", {});
  expect(() => jobs.loader.configure({ "job-manager": tables })).toThrow(text);
});

test("the command is that of the IMP if there is one", () => {
  const jobs = new TestManager();
  jobs.loader.load("perilog.so", {});
  jobs.loader.configure({ exec: { imp: "/imp" }, "job-manager": { prolog: {} } });
  expect(jobs.loader.query("perilog.so").conf).toMatchObject({
    prolog: { command: ["/imp", "run", "prolog"] },
  });
});
