import { expect, test } from "vitest";
import { parseCommandLine } from "./command-line.ts";

test("options end at the initial program, whose own options are its own", () => {
  const line = parseCommandLine(["-S", "a=1", "-Sb", "--conf=x=1", "-v", "sh", "-v", "-c", "true"]);
  expect(line).toMatchObject({
    verbose: 1,
    attributes: [
      ["a", "1"],
      ["b", null],
    ],
    conf: ["x=1"],
    program: ["sh", "-v", "-c", "true"],
  });
});

test("a level of verbosity is glued to its option", () => {
  expect(parseCommandLine(["-v2", "true"]).verbose).toBe(2);
  expect(parseCommandLine(["--verbose=3"]).verbose).toBe(3);
});

test("an unknown option is refused", () => {
  expect(() => parseCommandLine(["--no-such"])).toThrow(/unknown option '--no-such'/);
});
