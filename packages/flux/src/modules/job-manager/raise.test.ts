import type { JobId } from "@flux-ts/protocol/job/fluid";
import { VirtualState } from "@flux-ts/protocol/job/states";
import { guestCred, ownerCred, TestManager } from "@flux-ts/testing/test-manager";
import { expect, test } from "vitest";
import { raiseAll, raiseOne } from "./raise.ts";

const all = {
  dry_run: false,
  userid: -1,
  states: VirtualState.ACTIVE,
  severity: 0,
  type: "cancel",
};

test("what is no severity or type is refused before anything else", () => {
  const { manager } = new TestManager();
  const id = 1n as JobId;
  const raise = (more: object) => () =>
    raiseOne(manager, ownerCred, { id, severity: 0, type: "x", ...more });
  expect(raise({ severity: 8 })).toThrow("invalid exception severity");
  expect(raise({ severity: -1 })).toThrow("invalid exception severity");
  for (const type of ["", "a b", "a=b", "a\n"]) {
    expect(raise({ type })).toThrow("invalid exception type");
  }
  expect(raise({})).toThrow("unknown job id");
});

test("guests raise exceptions on their own jobs, in their own name", () => {
  const jobs = new TestManager();
  const mine = jobs.accept({ userid: guestCred.userid });
  const other = jobs.accept();
  const args = { severity: 3, type: "note" };
  expect(() => raiseOne(jobs.manager, guestCred, { id: other, ...args })).toThrow(
    "guests can only raise exceptions on their own jobs",
  );
  raiseOne(jobs.manager, guestCred, { id: mine, ...args });
  jobs.commit();
  expect(jobs.entries(mine).at(-1)?.context).toMatchObject({ userid: guestCred.userid, note: "" });
});

test("all jobs of a user, or of all users, in the given states", () => {
  const jobs = new TestManager();
  jobs.accept();
  jobs.accept();
  jobs.accept({ userid: guestCred.userid });
  const { manager } = jobs;
  expect(raiseAll(manager, ownerCred, { ...all, dry_run: true })).toEqual({ count: 3, errors: 0 });
  expect(manager.jobs.active.size).toBe(3);
  const running = { ...all, states: VirtualState.RUNNING };
  expect(raiseAll(manager, ownerCred, running)).toEqual({ count: 0, errors: 0 });
  expect(raiseAll(manager, guestCred, { ...all, userid: guestCred.userid }).count).toBe(1);
  expect(() => raiseAll(manager, guestCred, all)).toThrow("guests can only raise exceptions");
  expect(raiseAll(manager, ownerCred, all).count).toBe(2);
  expect(manager.jobs.active.size).toBe(0);
});

test("jobs that end because of another one are counted as errors", () => {
  const jobs = new TestManager();
  const first = jobs.accept();
  jobs.accept({ system: { dependencies: [{ scheme: "afterok", value: `${first}` }] } });
  expect(raiseAll(jobs.manager, ownerCred, all)).toEqual({ count: 2, errors: 1 });
});
