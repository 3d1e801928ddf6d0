import fc from "fast-check";
import { expect, test } from "vitest";
import { type ConstraintTarget, compileConstraint, parseConstraint } from "./constraint.ts";

function node(rank: number, ...properties: string[]): ConstraintTarget {
  return { rank, hostname: `node${rank}`, hasProperty: (name) => properties.includes(name) };
}

test.each([
  [3, "constraint must be JSON object"],
  [[], "constraint must be JSON object"],
  [null, "constraint must be JSON object"],
  [{ and: [], or: [] }, "constraint must only contain 1 element"],
  [{ foo: [] }, "unknown constraint operator: foo"],
  [{ constructor: [] }, "unknown constraint operator: constructor"],
  [{ properties: "x" }, "properties operator value must be an array"],
  [{ and: {} }, "and operator value must be an array"],
  [{ properties: [1] }, "non-string property specified"],
  [{ properties: ["a&b"] }, `invalid character '&' in property "a&b"`],
  [{ ranks: ["0", "3,1"] }, `invalid idset '3,1' in ["0", "3,1"]`],
  [{ ranks: [1] }, "invalid idset '1' in [1]"],
  [{ hostlist: ["foo[3-1]"] }, `invalid hostlist 'foo[3-1]' in ["foo[3-1]"]`],
  [{ not: [{ foo: [] }] }, "unknown constraint operator: foo"],
])("%j is refused", (constraint, message) => {
  expect(() => parseConstraint(constraint)).toThrow(message);
});

test("a host matches its name as a property", () => {
  expect(parseConstraint({ properties: ["node3"] }).matches(node(3))).toBe(true);
  expect(parseConstraint({ properties: ["^node3"] }).matches(node(3))).toBe(false);
});

test("other operators can be given, for other things than execution targets", () => {
  const operators = { userid: (ids: readonly unknown[]) => (job: number) => ids.includes(job) };
  const constraint = compileConstraint({ not: [{ userid: [1, 2] }] }, operators);
  expect([1, 3].map((job) => constraint.matches(job))).toEqual([false, true]);
  expect(() => compileConstraint({ ranks: ["0"] }, operators)).toThrow("operator: ranks");
});

test("nesting is bounded", () => {
  let constraint: unknown = {};
  for (let i = 0; i < 100; i++) constraint = { not: [constraint] };
  expect(parseConstraint(constraint).matches(node(0))).toBe(true);
  expect(() => parseConstraint({ not: [constraint] })).toThrow("nested too deeply");
});

test("negation turns each answer around, and De Morgan holds", () => {
  const leaf = fc.constantFrom({ ranks: ["0-1"] }, { properties: ["a"] }, { hostlist: ["node1"] });
  const anyNode = fc.tuple(fc.nat(3), fc.constantFrom("a", "b")).map(([r, p]) => node(r, p));
  fc.assert(
    fc.property(leaf, leaf, anyNode, (a, b, target) => {
      const matches = (value: unknown) => parseConstraint(value).matches(target);
      expect(matches({ not: [a] })).toBe(!matches(a));
      expect(matches({ not: [{ or: [a, b] }] })).toBe(
        matches({ and: [{ not: [a] }, { not: [b] }] }),
      );
    }),
  );
});
