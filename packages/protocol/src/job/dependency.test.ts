import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeDependency, parseDependency, parseSchemeValue } from "./dependency.ts";

test.each([
  ["afterok:ƒ2oLkTLb", { scheme: "afterok", value: "ƒ2oLkTLb" }],
  ["string:foo?type=out", { scheme: "string", value: "foo", type: "out" }],
  ["fluid:hungry-hippos", { scheme: "fluid", value: "hungry-hippos" }],
  ["foo:1234?a=1&b=2.5&c=x", { scheme: "foo", value: "1234", a: 1, b: 2.5, c: "x" }],
  ["foo:v?a=1;b=2", { scheme: "foo", value: "v", a: 1, b: 2 }],
  ["foo:v?a=1&a=two", { scheme: "foo", value: "v", a: [1, "two"] }],
  ["foo:v?a=x+y%3Dz&b=&c", { scheme: "foo", value: "v", a: "x y=z" }],
  ["foo:v?id=83198214144000000001", { scheme: "foo", value: "v", id: 83198214144000000001n }],
  ["singleton", { scheme: "singleton", value: "" }],
  ["Foo:a:b", { scheme: "foo", value: "a:b" }],
  ["foo://host/p", { scheme: "foo", value: "//host/p" }],
])("%s is read", (text, dependency) => {
  expect(parseDependency(text)).toEqual(dependency);
});

test.each([
  ["", ":"],
  [":x", ":x"],
  ["1foo:x", "1foo:x"],
  ["a b:x", "a b:x"],
])("%j is refused", (text, shown) => {
  expect(() => parseDependency(text)).toThrow(`Invalid dependency URI "${shown}"`);
});

test("the form serves other options, which then are what the error names", () => {
  expect(parseSchemeValue("cyclic:2", "taskmap")).toEqual({ scheme: "cyclic", value: "2" });
  expect(() => parseSchemeValue(":2", "taskmap")).toThrow("Invalid taskmap URI");
});

test("any dependency comes back from its text", () => {
  const value = fc.oneof(
    fc.integer(),
    fc.string({ minLength: 1 }).filter((s) => !/^[-+\d.]/.test(s)),
  );
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
  fc.assert(
    fc.property(
      name,
      fc.stringMatching(/^[^?#\0]*$/),
      fc.dictionary(name, value, { noNullPrototype: true }),
      (scheme, text, { scheme: _scheme, value: _value, ...rest }) => {
        const dependency = { scheme, value: text, ...rest };
        expect(parseDependency(encodeDependency(dependency))).toEqual(dependency);
      },
    ),
  );
});
