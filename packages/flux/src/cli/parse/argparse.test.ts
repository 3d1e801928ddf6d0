import { expect, test } from "vitest";
import { flag, int, list, text } from "../option.ts";
import { parseArgparse } from "./argparse.ts";

const options = {
  all: flag("-a, --all", ""),
  count: int("-c, --count=N", "", { initial: 1 }),
  filter: list("-f, --filter=STATE", "", { aliases: ["--state"] }),
  width: int("-w, --width[=N]", "", { initial: -1, implied: 0 }),
  name: text("--job-name=NAME", ""),
};
const b = { stopAtPositional: false, longHelpOnly: false };
const c = { stopAtPositional: true, longHelpOnly: true };
const parse = (...argv: string[]) => parseArgparse(options, argv, b);

test("dialect B: options and positionals in any order", () => {
  expect(parse("one", "-a", "two", "--", "-c")).toMatchObject({
    options: { all: true, count: 1 },
    positionals: ["one", "two", "-c"],
  });
});

test("dialect C: the command ends the options", () => {
  const parsed = parseArgparse(options, ["-a", "cmd", "-c", "x"], c);
  expect(parsed).toMatchObject({ options: { all: true }, positionals: ["cmd", "-c", "x"] });
  expect(parseArgparse(options, ["--help=env"], c).help).toEqual({ topic: "env" });
  expect(() => parseArgparse(options, ["-h"], c)).toThrow("unrecognized arguments: -h");
});

test("nothing is abbreviated, and all that is unknown is told together", () => {
  expect(() => parse("--cou=3", "-z", "x")).toThrow("unrecognized arguments: --cou=3 -z");
});

test("values: glued, separate, or of an alias", () => {
  expect(parse("-c3").options.count).toBe(3);
  expect(parse("-c=3").options.count).toBe(3);
  expect(parse("--count", "3").options.count).toBe(3);
  expect(parse("-f", "a", "--state=b").options.filter).toEqual(["a", "b"]);
  expect(() => parse("-c")).toThrow("argument -c/--count: expected one argument");
  expect(() => parse("-c", "-a")).toThrow("argument -c/--count: expected one argument");
  expect(() => parse("-cx")).toThrow("argument -c/--count: invalid int value: 'x'");
  expect(() => parse("--all=yes")).toThrow("argument -a/--all: ignored explicit argument 'yes'");
});

test("a negative number and a word with blanks are no options", () => {
  expect(parse("--count", "-3").options.count).toBe(-3);
  expect(parse("-5").positionals).toEqual(["-5"]);
  expect(parse("--job-name", "-z b").options.name).toBe("-z b");
});

test("an optional value is the next word in dialect B, but not the command in dialect C", () => {
  expect(parse("-w", "40").options.width).toBe(40);
  expect(parse("-w").options.width).toBe(0);
  expect(parseArgparse(options, ["-w", "cmd"], c)).toMatchObject({
    options: { width: 0 },
    positionals: ["cmd"],
  });
});
