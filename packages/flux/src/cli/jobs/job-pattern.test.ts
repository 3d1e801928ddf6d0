import { type JobId, parseJobId } from "@flux-ts/protocol/job/fluid";
import { expect, test } from "vitest";
import { JobPattern } from "./job-pattern.ts";

const job = (name: string, id = 1n as JobId) => ({ id, name });

test("a pattern may match anywhere in the name", () => {
  const pattern = new JobPattern(["lee+p"]);
  expect(pattern.matches(job("sleep"))).toBe(true);
  expect(pattern.matches(job("slp"))).toBe(false);
});

test("a range of ids includes its ends", () => {
  const pattern = new JobPattern(["ƒ3..ƒ5"]);
  const ids = ["f2", "f3", "f4", "f5", "f6"].map(parseJobId);
  expect(ids.map((id) => pattern.matches(job("x", id)))).toEqual([false, true, true, true, false]);
});

test("a range and a name must both match", () => {
  const pattern = new JobPattern(["f3..f5", "foo"]);
  expect(pattern.matches(job("foo", parseJobId("f4")))).toBe(true);
  expect(pattern.matches(job("bar", parseJobId("f4")))).toBe(false);
});

test("name: forces a pattern where a range could be meant", () => {
  expect(new JobPattern(["name:f1..f2"]).matches(job("f1xxf2"))).toBe(true);
});

test("dots that make no range are a pattern", () => {
  expect(new JobPattern(["s..ep"]).matches(job("sleep"))).toBe(true);
});

test("flags and groups are written as in Python", () => {
  expect(new JobPattern(["(?i)^(?P<a>s)L"]).matches(job("Sleep"))).toBe(true);
});

test("several patterns and malformed ones are refused", () => {
  expect(() => new JobPattern(["a", "b"])).toThrow("Only one pattern");
  expect(() => new JobPattern(["[a"])).toThrow(SyntaxError);
});
