import { JobState, VirtualState } from "@flux-ts/protocol/job/states";
import type { Json } from "@flux-ts/protocol/schema/json";
import { expect, test } from "vitest";
import { reachableStates } from "./reachable-states.ts";

const { DEPEND, RUN, INACTIVE } = JobState;
const all = VirtualState.ACTIVE | INACTIVE;

test("only the states that jobs can match in are searched", () => {
  const cases: [Json, number][] = [
    [{}, all],
    [{ userid: [1] }, all],
    [{ states: ["run"] }, RUN],
    [{ results: ["failed"] }, INACTIVE],
    [{ t_cleanup: [">1"] }, JobState.CLEANUP | INACTIVE],
    [{ and: [{ states: ["active"] }, { results: ["failed"] }] }, 0],
    [{ or: [{ states: ["depend"] }, { t_inactive: [">1"] }] }, DEPEND | INACTIVE],
    [{ or: [] }, all],
    [{ not: [{ states: ["active"] }] }, INACTIVE],
    [{ not: [{ results: ["failed"] }] }, all],
    [{ not: [] }, 0],
    [{ not: [{ not: [{ states: [RUN] }] }] }, RUN],
  ];
  for (const [constraint, states] of cases) {
    expect([constraint, reachableStates(constraint)]).toEqual([constraint, states]);
  }
});

test("a constraint that is nested without end is refused", () => {
  let constraint: Json = {};
  for (let depth = 0; depth < 1000; depth++) constraint = { and: [constraint] };
  expect(() => reachableStates(constraint)).toThrow("constraint is nested too deeply");
});
