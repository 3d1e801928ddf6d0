import { expect, test } from "vitest";
import {
  JobResult,
  JobState,
  parseJobFilter,
  parseResult,
  parseState,
  resultEmoji,
  resultName,
  resultOf,
  resultShort,
  stateEmoji,
  stateName,
  stateShort,
  VirtualState,
} from "./states.ts";

test("names of states go both ways, long and short, in either case", () => {
  for (const [name, number] of Object.entries({ ...JobState, ...VirtualState })) {
    expect(stateName(number)).toBe(name);
    expect(parseState(name)).toBe(number);
    expect(parseState(name.toLowerCase())).toBe(number);
    expect(parseState(stateShort(number))).toBe(number);
    expect(parseState(stateShort(number).toLowerCase())).toBe(number);
  }
});

test("names of results go both ways", () => {
  for (const [name, number] of Object.entries(JobResult)) {
    expect(resultName(number)).toBe(name);
    expect(parseResult(name.toLowerCase())).toBe(number);
    expect(parseResult(resultShort(number))).toBe(number);
    expect(resultEmoji(number)).not.toBe("?");
  }
});

test("a number that is no state is said to be unknown", () => {
  expect([stateName(3), stateShort(3), stateEmoji(3)]).toEqual(["(unknown)", "?", "?"]);
  expect([resultName(3), resultShort(3), resultEmoji(3)]).toEqual(["(unknown)", "?", "?"]);
  expect(stateEmoji(JobState.RUN)).toBe("🏃");
});

test.each(["", "Run", "rU", "foo", "completed"])("%j is no state", (text) => {
  expect(() => parseState(text)).toThrow(`unknown job state '${text}'`);
});

test("a filter joins states and results", () => {
  expect(parseJobFilter("pending,Failed,run")).toEqual({
    states: VirtualState.PENDING | JobState.RUN,
    results: JobResult.FAILED,
  });
});

test.each([
  ["Foo", "foo"],
  ["run,", ""],
  ["new", "new"],
  ["pd", "pd"],
])("filter %j is refused", (text, word) => {
  expect(() => parseJobFilter(text)).toThrow(new RegExp(`^Invalid filter specified: ${word}$`));
});

test.each([
  [0, undefined, "COMPLETED"],
  [256, undefined, "FAILED"],
  [undefined, undefined, "FAILED"],
  [0, { type: "cancel", severity: 0 }, "CANCELED"],
  [36608, { type: "cancel", severity: 0 }, "CANCELED"],
  [undefined, { type: "cancel", severity: 0 }, "CANCELED"],
  [36352, { type: "timeout", severity: 0 }, "TIMEOUT"],
  [256, { type: "exec", severity: 0 }, "FAILED"],
  [0, { type: "exec", severity: 0 }, "FAILED"],
  [0, { type: "cancel", severity: 1 }, "COMPLETED"],
] as const)("status %j and exception %j make the job %s", (status, exception, name) => {
  expect(resultName(resultOf(status, exception))).toBe(name);
});
