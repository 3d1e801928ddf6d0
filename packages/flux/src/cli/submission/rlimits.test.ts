import { expect, test } from "vitest";
import { applyRlimitRules, parseLimits } from "./rlimits.ts";

const limits =
  parseLimits(`Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max core file size        0                    unlimited            bytes
Max open files            1024                 1048576              files
Max locked memory         65536                65536                bytes
`);

test("soft limits are read by the names that the job shell has for them", () => {
  expect(limits).toEqual({ cpu: -1, core: 0, nofile: 1024, ofile: 1024, memlock: 65536 });
});

test("all but some are handed on to jobs", () => {
  expect(applyRlimitRules([], limits)).toEqual({ cpu: -1, core: 0, nofile: 1024 });
});

test("rules remove, add, and set", () => {
  expect(applyRlimitRules(["-*,core"], limits)).toEqual({ core: 0 });
  expect(applyRlimitRules(["memlock"], limits)).toMatchObject({ memlock: 65536 });
  expect(applyRlimitRules(["-*", "core=16", "cpu=unlimited"], limits)).toEqual({
    core: 16,
    cpu: -1,
  });
});

test("mistakes are named", () => {
  expect(() => applyRlimitRules(["foo"], limits)).toThrow('No corresponding rlimit matching "foo"');
  expect(() => applyRlimitRules(["foo=1"], limits)).toThrow('Invalid rlimit "foo"');
  expect(() => applyRlimitRules(["core=x"], limits)).toThrow("Invalid value in core=x");
});
