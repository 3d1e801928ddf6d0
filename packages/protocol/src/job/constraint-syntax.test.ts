import fc from "fast-check";
import { expect, test } from "vitest";
import { parseConstraint } from "./constraint.ts";
import { type ConstraintSyntax, parseConstraintSyntax } from "./constraint-syntax.ts";

const named: ConstraintSyntax = { defaultOperator: "name" };

// Objects that flux-core 0.88 makes of the same query for --requires.
test.each([
  ["a,^b", { properties: ["a", "^b"] }],
  ["foo bar", { properties: ["foo", "bar"] }],
  ["foo bar rank:1", { and: [{ properties: ["foo", "bar"] }, { ranks: ["1"] }] }],
  ["host:foo[1-2]", { hostlist: ["foo[1-2]"] }],
  ["hosts:a hosts:b", { and: [{ hostlist: ["a"] }, { hostlist: ["b"] }] }],
  ["a|b&c", { or: [{ properties: ["a"] }, { properties: ["b", "c"] }] }],
  ["a (b c)", { properties: ["a", "b", "c"] }],
  ["not (a b)", { not: [{ properties: ["a", "b"] }] }],
])("--requires=%s", (query, constraint) => {
  expect(parseConstraintSyntax(query)).toEqual(constraint);
});

const [a, b, c] = [{ name: ["a"] }, { name: ["b"] }, { name: ["c"] }];

test.each([
  ["a|b c", { and: [{ or: [a, b] }, c] }],
  ["a b|c", { or: [{ and: [a, b] }, c] }],
  ["not a b", { and: [{ not: [a] }, b] }],
  ["not a -b", { not: [{ and: [a, { not: [b] }] }] }],
  ["a b -c", { and: [a, { and: [b, { not: [c] }] }] }],
  ["(a)(b)", { and: [a, b] }],
  ["not-a", { not: [{ not: [a] }] }],
  ["-'a'", { not: [a] }],
  ["a AND b", { and: [a, { name: ["AND"] }, b] }],
  ["notary", { name: ["notary"] }],
  ["a-b", { name: ["a-b"] }],
  ["name: a", a],
  ["'name:' a", a],
  ["a:b:c", { a: ["b:c"] }],
  ["''a", a],
])("%s binds as in flux-core", (query, constraint) => {
  expect(parseConstraintSyntax(query, named)).toEqual(constraint);
});

test.each([
  ["", "Unexpected end of input in ''"],
  ["a&&", "Unexpected end of input in 'a&&'"],
  ["not", "Unexpected end of input in 'not'"],
  ["&a", "Invalid token '&' at position 0"],
  ["a &&& b", "Invalid token '&' at position 4"],
  ["--a", "Invalid token '-' at position 1"],
  ["-not a", "Invalid token 'not' at position 1"],
  ["()", "Invalid token ')' at position 1"],
  ["and", "Invalid token 'and' at position 0"],
  ["((a)", "Unclosed parenthesis in position 1"],
  ["a b)", "Mismatched parentheses starting at position 3."],
  ["'a", `Unclosed quote "'" at position 1`],
  ['x:"a', `Unclosed quote '"' at position 3`],
  ["x:", "Missing argument to token 'x:'"],
  ["x:''", "Missing argument to token 'x:'"],
  ["a/b:c", "invalid character '/' in operator 'a/b:'"],
  ["a\u00a0b", "Illegal character '\u00a0' at position 1"],
])("%j is an error", (query, message) => {
  expect(() => parseConstraintSyntax(query, named)).toThrow(message);
});

test("a term needs an operator where the syntax has no default", () => {
  expect(() => parseConstraintSyntax("foo", {})).toThrow('Missing required operator in "foo"');
  expect(parseConstraintSyntax("x:foo", {})).toEqual({ x: ["foo"] });
});

test("operators called like members of every object are nothing special", () => {
  const constraint = parseConstraintSyntax("constructor:a toString:b");
  expect(JSON.stringify(constraint)).toBe('{"and":[{"constructor":["a"]},{"toString":["b"]}]}');
});

test("whatever is typed is either a constraint or an error that says EINVAL", () => {
  const piece = fc.constantFrom(
    "a",
    "rank:1",
    " ",
    "&",
    "|",
    "not ",
    "and ",
    "-",
    "(",
    ")",
    "'",
    ":",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      try {
        const constraint = parseConstraintSyntax(pieces.join(""));
        expect(JSON.stringify(constraint)).toMatch(/^\{"[^"]*":\[.*\]\}$/);
      } catch (error) {
        expect(error).toMatchObject({ code: "EINVAL" });
      }
    }),
  );
});

test("nesting is bounded", () => {
  expect(() => parseConstraintSyntax(`${"(".repeat(1000)}a`)).toThrow("nested too deeply");
  expect(() => parseConstraintSyntax("not ".repeat(1000))).toThrow("nested too deeply");
});

test("long flat queries are no nesting", () => {
  const query = Array.from({ length: 5000 }, (_, i) => `p${i}`).join("|");
  expect(parseConstraint(parseConstraintSyntax(query))).toBeDefined();
});
