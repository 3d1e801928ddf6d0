import { expect, test } from "vitest";
import {
  eventOfParentState,
  reactionToSignal,
  StateMachine,
  stateNumber,
} from "./state-machine.ts";

test("a single broker goes from load-builtins to exit", () => {
  const machine = new StateMachine(0);
  const events = [
    "builtins-success",
    "parent-none",
    "sync-none",
    "rc1-success",
    "quorum-full",
    "rc2-success",
    "cleanup-success",
    "children-none",
    "rc3-success",
    "goodbye",
    "builtins-done",
  ];
  const states = events.map((event) => machine.post(event, 0));
  expect(states).toEqual([
    "join",
    "config-sync",
    "init",
    "quorum",
    "run",
    "cleanup",
    "shutdown",
    "finalize",
    "goodbye",
    "unload-builtins",
    "exit",
  ]);
});

test("an event that means nothing in a state is ignored", () => {
  const machine = new StateMachine(0);
  expect(machine.post("rc2-success", 1)).toBeUndefined();
  expect(machine.state).toBe("load-builtins");
  expect(machine.duration(3)).toBe(3);
});

test("a failed rc1 skips running and cleanup", () => {
  const machine = new StateMachine(0);
  for (const event of ["builtins-success", "parent-none", "sync-none"]) machine.post(event, 0);
  expect(machine.post("rc1-fail", 0)).toBe("shutdown");
});

test("a follower joins when its parent is in quorum or run, and leaves when it shuts down", () => {
  expect(eventOfParentState("join", stateNumber("init"))).toBeUndefined();
  expect(eventOfParentState("join", stateNumber("quorum"))).toBe("parent-ready");
  expect(eventOfParentState("quorum", stateNumber("run"))).toBe("quorum-full");
  expect(eventOfParentState("run", stateNumber("cleanup"))).toBeUndefined();
  expect(eventOfParentState("run", stateNumber("shutdown"))).toBe("shutdown");
  expect(eventOfParentState("run", stateNumber("finalize"))).toBe("parent-fail");
});

test("a signal in run ends the initial program, or the instance if there is none", () => {
  expect(reactionToSignal("run", true)).toEqual({ abort: "rc2" });
  expect(reactionToSignal("run", false)).toEqual({ post: "shutdown" });
});
