import {
  type ConstraintSyntax,
  parseConstraintSyntax,
} from "@flux-ts/protocol/job/constraint-syntax";
import { expect, test } from "vitest";

const named: ConstraintSyntax = { defaultOperator: "name" };
const parse = (query: string) => parseConstraintSyntax(query, named);
const [a, b, c] = [{ name: ["a"] }, { name: ["b"] }, { name: ["c"] }];

test.each([
  ["foo", { name: ["foo"] }],
  ["foo bar", { and: [{ name: ["foo"] }, { name: ["bar"] }] }],
  [
    "foo bar state:started",
    { and: [{ name: ["foo"] }, { name: ["bar"] }, { state: ["started"] }] },
  ],
  ["a|b|c", { or: [a, b, c] }],
  ["a|b&c", { or: [a, { and: [b, c] }] }],
  ["(a|b)&c", { and: [{ or: [a, b] }, c] }],
  ["(a|-b)&c", { and: [{ or: [a, { not: [b] }] }, c] }],
])("RFC 35 Examples: %s", (query, constraint) => {
  expect(parse(query)).toEqual(constraint);
});

test("RFC 35 Description: a term is operator:operand; the operator may have a default", () => {
  expect(parse("state:started")).toEqual({ state: ["started"] });
  expect(parse("myname")).toEqual(parse("name:myname"));
  expect(() => parseConstraintSyntax("myname", {})).toThrow("Missing required operator");
});

test("RFC 35 Description: parentheses group", () => {
  expect(parse("(a|b) c")).toEqual({ and: [{ or: [a, b] }, c] });
  expect(parse("((a))")).toEqual(a);
});

test.each(["a & b", "a && b", "a and b", "a&b", "a&&b"])(
  "RFC 35 Description: %s is AND",
  (query) => {
    expect(parse(query)).toEqual({ and: [a, b] });
  },
);

test.each(["a | b", "a || b", "a or b", "a|b", "a||b"])("RFC 35 Description: %s is OR", (query) => {
  expect(parse(query)).toEqual({ or: [a, b] });
});

test("RFC 35 Description: not negates an expression", () => {
  expect(parse("not a")).toEqual({ not: [a] });
  expect(parse("not (a|b)")).toEqual({ not: [{ or: [a, b] }] });
  expect(parse("not not a")).toEqual({ not: [{ not: [a] }] });
});

test("RFC 35 Description: terms separated by blanks are joined with AND", () => {
  expect(parse("a \t\nb")).toEqual({ and: [a, b] });
});

test("RFC 35 Description: quotes allow blanks and reserved characters", () => {
  expect(parse("foo:'this is args'")).toEqual({ foo: ["this is args"] });
  expect(parse('"a|b" c')).toEqual({ and: [{ name: ["a|b"] }, c] });
  expect(parse('x:"it\'s"')).toEqual({ x: ["it's"] });
});

test("RFC 35 Description: - negates a term, and no other expression", () => {
  expect(parse("-op:operand")).toEqual(parse("not op:operand"));
  expect(() => parse("-(a|b)")).toThrow("Invalid token '(' at position 1");
  expect(() => parse("--a")).toThrow("Invalid token '-' at position 1");
});

test("RFC 35 Grammar: and, or, not are words of their own only", () => {
  expect(parse("android oral nothing")).toEqual({
    and: [{ name: ["android"] }, { name: ["oral"] }, { name: ["nothing"] }],
  });
});

test.each(["", "&", "a |", "(", "(a", "a)", "()", "not", "'a"])(
  "RFC 35 Grammar: %j is no expression",
  (query) => {
    expect(() => parse(query)).toThrow(expect.objectContaining({ code: "EINVAL" }));
  },
);
