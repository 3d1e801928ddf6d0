import { expect, test } from "vitest";
import { emptyParsed } from "../parse/parsed.ts";
import type { BulkJobOptions } from "./bulk.ts";
import { bulkOptions, commonOptions, shapeOptions, sizeOptions, taskOptions } from "./options.ts";
import { expandCommand, expandOptions } from "./templates.ts";

const replacements = { inputs: ["/a/b.tar.gz", "two"], names: { seq: 7, cc: "{cc}" } };
const expand = (...words: string[]) => expandCommand(words, replacements);

test("inputs by number, by name, or one after the other", () => {
  expect(expand("{0}", "{1}", "{}-{}", "{seq:03d}")).toEqual([
    "/a/b.tar.gz",
    "two",
    "/a/b.tar.gz-two",
    "007",
  ]);
});

test("parts of an input as a path", () => {
  expect(expand("{.%}", "{0./}", "{0.//}", "{0./%}", "{1.//}")).toEqual([
    "/a/b.tar",
    "b.tar.gz",
    "/a",
    "b.tar",
    "",
  ]);
});

test("a method may make several words", () => {
  const method = (name: string, input: string) =>
    name === "twice" ? `${input}::list::${input}` : undefined;
  expect(expandCommand(["x", "{1.twice}"], { ...replacements, method })).toEqual([
    "x",
    "two",
    "two",
  ]);
});

test("what belongs to the job shell stays as it is", () => {
  expect(expand("{{id}}-{1}", "{cc}")).toEqual(["{{id}}-two", "{cc}"]);
});

test("mistakes are named", () => {
  expect(() => expand("{2}")).toThrow("Invalid replacement string in command: '{2}'");
  expect(() => expand("{foo}")).toThrow("Invalid replacement string in command: '{foo}'");
  expect(() => expand("{0.foo}")).toThrow("Unknown input string method '.foo'");
  expect(() => expand("{0}{}")).toThrow("cannot switch from manual field specification");
  expect(() => expand("a}")).toThrow("Single '}' encountered in format string");
});

const all = { ...commonOptions, ...taskOptions, ...bulkOptions, ...sizeOptions, ...shapeOptions };
const optionsWith = (given: Partial<BulkJobOptions>): BulkJobOptions => ({
  ...(emptyParsed(all).options as BulkJobOptions),
  ...given,
});

test("options are replaced, too, and keep what has no placeholder", () => {
  const options = optionsWith({ ntasks: "{seq}", env: ["A={1}", "B=1"], jobName: "x" });
  expect(expandOptions(options, replacements)).toMatchObject({
    ntasks: "7",
    env: ["A=two", "B=1"],
    jobName: "x",
  });
  expect(() => expandOptions(optionsWith({ ntasks: "{x}" }), replacements)).toThrow(
    "Replacement key 'x' not found in '-n{x}'",
  );
});
