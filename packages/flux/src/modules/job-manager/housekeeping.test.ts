import { f58, type JobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { Idset } from "@flux-ts/protocol/text/idset";
import { TestManager } from "@flux-ts/testing/test-manager";
import { expect, test } from "vitest";
import type { RankCommand } from "./rank-command.ts";
import { allocatedResources } from "./resource-status.ts";

const R: JsonObject = {
  version: 1,
  execution: {
    R_lite: [{ rank: "0-2", children: { core: "0" } }],
    starttime: 1000,
    expiration: 0,
    nodelist: ["a[0-2]"],
  },
};

/** A job on three ranks that has ended, and the command that runs on them. */
function ended(table: JsonObject) {
  const housekeeping = { command: ["/bin/tidy", "up"], ...table };
  const jobs = new TestManager({ "job-manager": { housekeeping } });
  jobs.schedule();
  jobs.execute();
  const id = jobs.accept();
  jobs.alloc(id, undefined, R);
  jobs.finish(id);
  jobs.commit();
  const command = jobs.take("run")[0]?.command as RankCommand;
  return { jobs, id, command };
}

/** What was given back: ranks, and whether that was the last of it. */
function freed(jobs: TestManager): [string, boolean][] {
  return jobs
    .take("send")
    .filter(({ method }) => method.topic === "sched.free")
    .map(({ request }) => {
      const { execution } = request.R as { execution: { R_lite: { rank: string }[] } };
      return [execution.R_lite.map(({ rank }) => rank).join(), request.final as boolean];
    });
}

test("the job is inactive while a command runs on its ranks; then its resources are free", () => {
  const { jobs, id, command } = ended({});
  expect(jobs.manager.jobs.inactive.has(id)).toBe(true);
  expect(command).toMatchObject({
    cmdline: ["/bin/tidy", "up"],
    env: { FLUX_JOB_ID: `${id}`, FLUX_JOB_USERID: "500", FLUX_JOB_RANKS: "0-2" },
    ranks: [0, 1, 2],
  });
  expect(freed(jobs)).toEqual([]);
  for (const rank of [2, 0, 1]) command.onExit(rank, 0);
  expect(freed(jobs)).toEqual([["0-2", true]]);
});

test("release-after 0 gives back each rank at once", () => {
  const { jobs, command } = ended({ "release-after": "0" });
  for (const rank of [2, 0, 1]) command.onExit(rank, 0);
  expect(freed(jobs)).toEqual([
    ["2", false],
    ["0", false],
    ["1", true],
  ]);
});

test("a time to wait runs from the first rank that is through", () => {
  const { jobs, command } = ended({ "release-after": "10s" });
  command.onExit(1, 0);
  jobs.manager.now = 1009;
  jobs.manager.onTick();
  expect(freed(jobs)).toEqual([]);
  jobs.manager.now = 1010;
  jobs.manager.onTick();
  expect(freed(jobs)).toEqual([["1", false]]);
  command.onExit(0, 0);
  command.onExit(2, 0);
  expect(freed(jobs)).toEqual([
    ["0", false],
    ["2", true],
  ]);
});

test("failures are logged with host and rank, and hold nothing back", () => {
  const { jobs, id, command } = ended({});
  command.onOutput(0, "stderr", "oops");
  command.onExit(0, 256);
  command.onExit(1, 9);
  command.onFailed(2, new FluxError("EHOSTUNREACH"));
  expect(freed(jobs)).toEqual([["0-2", true]]);
  const lines = jobs.take("log").filter(({ severity }) => severity === 3);
  expect(lines.map(({ text }) => text)).toEqual([
    `housekeeping: a0 (rank 0) ${f58(id)}: oops`,
    `housekeeping: a0 (rank 0) ${f58(id)}: nonzero exit code`,
    `housekeeping: a1 (rank 1) ${f58(id)}: Killed`,
    `housekeeping: a2 (rank 2) ${f58(id)}: No route to host`,
  ]);
});

test("a new scheduler learns what is still held; one that cannot have parts of jobs gets none", () => {
  const { jobs, id, command } = ended({ "release-after": "0" });
  const { housekeeping } = jobs.manager;
  const whole = { id, userid: 500, priority: 16, t_submit: 1000 };
  expect([...housekeeping.hello(false)]).toEqual([whole]);
  command.onExit(0, 0);
  expect([...housekeeping.hello(true)]).toEqual([{ ...whole, free: "0" }]);
  expect([...housekeeping.hello(false)]).toEqual([]);
  expect(jobs.take("signal")).toMatchObject([{ ranks: [1, 2], signum: 15 }]);
  freed(jobs);
  command.onExit(1, 15);
  expect(freed(jobs)).toEqual([]);
});

test("what runs is shown, counted as allocated, and can be signaled", () => {
  const { jobs, id, command } = ended({ "release-after": "0" });
  const { housekeeping } = jobs.manager;
  command.onExit(1, 0);
  expect(housekeeping.stats()).toEqual({
    running: { [f58(id)]: { t_start: 1000, pending: "0,2", allocated: "0,2" } },
    config: { "release-after": 0, command: "/bin/tidy up" },
  });
  expect(allocatedResources(jobs.manager)).toMatchObject({
    execution: { R_lite: [{ rank: "0,2" }] },
  });
  housekeeping.kill(9, undefined, Idset.parse("1-2"));
  housekeeping.kill(9, (id + 1n) as JobId, undefined);
  expect(jobs.take("signal")).toMatchObject([{ ranks: [2], signum: 9 }]);
});

test("the configuration is checked", () => {
  const { housekeeping } = new TestManager().manager;
  const configure =
    (table: JsonObject, more: JsonObject = {}) =>
    () =>
      housekeeping.configure({ "job-manager": { housekeeping: table }, ...more });
  expect(configure({ foo: 1 })).toThrow("1 object item(s) left unpacked: foo");
  expect(configure({})).toThrow("implies IMP but exec.imp is undefined");
  expect(configure({ command: "x" })).toThrow("error creating housekeeping command");
  expect(configure({ command: ["x"], "release-after": "soon" })).toThrow("FSD parse error");
  configure({}, { exec: { imp: "/usr/libexec/flux/flux-imp" } })();
  expect(housekeeping.stats()).toMatchObject({
    config: { command: "/usr/libexec/flux/flux-imp run housekeeping" },
  });
});

test("a systemd unit is not used any more, and the log says so", () => {
  const jobs = new TestManager();
  const table = { command: ["x"], "use-systemd-unit": true };
  jobs.manager.housekeeping.configure({ "job-manager": { housekeeping: table } });
  expect(jobs.take("log")).toMatchObject([
    {
      severity: 3,
      text: "job-manager.housekeeping.use-systemd-unit is deprecated - ignoring",
    },
    { severity: 7 },
  ]);
});
