import fc from "fast-check";
import { expect, test } from "vitest";
import { type FdSource, planFds } from "./child-fds.ts";

/**
 * What the child's table holds after the steps, starting with ours, where descriptor n is file n.
 */
function outcome(sources: readonly FdSource[]): unknown[] {
  const table = new Map<number, unknown>();
  for (let fd = 0; fd < 40; fd++) table.set(fd, fd);
  for (const step of planFds(sources)) {
    if (step.do === "dup") table.set(step.to, table.get(step.from));
    else table.set(step.fd, step.source.path);
  }
  return sources.map((_, fd) => table.get(fd));
}

test("every child descriptor becomes its source, whatever the numbers", () => {
  const source = fc.oneof(
    fc.integer({ min: 0, max: 20 }),
    fc.constant({ path: "/dev/null", flags: 2 }),
  );
  fc.assert(
    fc.property(fc.array(source, { maxLength: 8 }), (sources) => {
      const expected = sources.map((s) => (typeof s === "number" ? s : s.path));
      expect(outcome(sources)).toEqual(expected);
    }),
  );
});

test("sources above their targets need one step each", () => {
  expect(planFds([10, 11, 12])).toHaveLength(3);
});
