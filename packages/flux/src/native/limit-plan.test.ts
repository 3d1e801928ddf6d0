import { expect, test } from "vitest";
import { planLimits } from "./limit-plan.ts";

const current = () => ({ soft: 100, hard: 1000 });

test("a limit that is raised, or cannot hurt the parent, is set in the parent", () => {
  expect(planLimits({ nofile: 200, core: 0 }, current, "/usr/bin/prlimit")).toEqual({
    own: [
      ["nofile", 200],
      ["core", 0],
    ],
    prefix: [],
  });
});

test("a limit that is lowered and could hurt the parent is set by prlimit(1), else by a shell", () => {
  const wanted = { nofile: 50, stack: 99 };
  expect(planLimits(wanted, current, "/usr/bin/prlimit")).toEqual({
    own: [],
    prefix: ["/usr/bin/prlimit", "--nofile=50:", "--stack=99:", "--"],
  });
  const { prefix } = planLimits({ nofile: 50 }, current, undefined);
  expect(prefix).toEqual(["/bin/sh", "-c", 'ulimit -S -n 50 && exec "$@"', "sh"]);
});

test("a limit above the hard one becomes the hard one; equal limits need nothing", () => {
  expect(planLimits({ nofile: -1, cpu: 100 }, current, undefined)).toEqual({
    own: [["nofile", 1000]],
    prefix: [],
  });
  const unlimited = () => ({ soft: 100, hard: -1 });
  expect(planLimits({ nofile: -1 }, unlimited, undefined).own).toEqual([["nofile", -1]]);
});

test("nothing is set in the parent while others depend on its limits", () => {
  const plan = planLimits({ core: 0, nofile: 200 }, current, "/usr/bin/prlimit", false);
  expect(plan).toEqual({
    own: [],
    prefix: ["/usr/bin/prlimit", "--core=0:", "--nofile=200:", "--"],
  });
});
