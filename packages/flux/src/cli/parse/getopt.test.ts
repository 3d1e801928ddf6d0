import { expect, test } from "vitest";
import { counter, flag, int, text } from "../option.ts";
import { parseGetopt } from "./getopt.ts";

const options = {
  all: flag("-a, --all", ""),
  also: flag("--also", ""),
  verbose: counter("-v, --verbose[=LEVEL]", ""),
  count: int("-c, --count=N", "", { initial: 1 }),
  color: text("-L, --color[=WHEN]", "", { implied: "always", shortTakesValue: true }),
};
const parse = (...argv: string[]) => parseGetopt(options, argv);

test("options end at the first positional and at --", () => {
  expect(parse("-a", "job", "-v").positionals).toEqual(["job", "-v"]);
  expect(parse("--", "-a")).toMatchObject({ options: { all: false }, positionals: ["-a"] });
  expect(parse("-").positionals).toEqual(["-"]);
});

test("a long option may be cut to a prefix that no other one has", () => {
  expect(parse("--verb", "--cou", "3").options).toMatchObject({ verbose: 1, count: 3 });
  expect(() => parse("--al")).toThrow("unrecognized option '--al'");
  expect(() => parse("--nosuch")).toThrow("unrecognized option '--nosuch'");
});

test("short options may be put together; the value follows at once or as the next word", () => {
  expect(parse("-avc3").options).toMatchObject({ all: true, verbose: 1, count: 3 });
  expect(parse("-ac", "3").options).toMatchObject({ all: true, count: 3 });
  expect(() => parse("-c")).toThrow("'-c' missing argument");
});

test("an optional value counts only if it is glued on", () => {
  expect(parse("--color", "never")).toMatchObject({
    options: { color: "always" },
    positionals: ["never"],
  });
  expect(parse("--color=never").options.color).toBe("never");
  expect(parse("-Lnever").options.color).toBe("never");
  expect(parse("-vvv").options.verbose).toBe(3);
  expect(parse("--verbose=2").options.verbose).toBe(2);
});

test("--help in any unique length stops everything else", () => {
  expect(parse("--he", "--nosuch").help).toEqual({ topic: undefined });
  expect(parse("-h").help).toBeDefined();
});

test("a value that is no number is refused in the words of the C tools", () => {
  expect(() => parse("--count=many")).toThrow("Option 'count' requires an integer argument");
});
