import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePmiLine, pmiInteger, printPmiLine } from "./line.ts";
import { PmiLineSplitter } from "./line-splitter.ts";

test("a value goes on to the end of the line, other fields end at a blank", () => {
  const fields = parsePmiLine("cmd=put kvsname=- key=0 value=a b\tc=d\n");
  expect([...fields]).toEqual([
    ["cmd", "put"],
    ["kvsname", "-"],
    ["key", "0"],
    ["value", "a b\tc=d"],
  ]);
});

test("what Hydra appends to values is cut off", () => {
  expect(parsePmiLine("cmd=get_result rc=0 value=x y found=TRUE\n").get("value")).toBe("x y");
});

test("words without = are ignored, and the first of two equal keys counts", () => {
  expect([...parsePmiLine("junk cmd=a cmd=b\n")]).toEqual([["cmd", "a"]]);
});

test("an integer field that is none is EPROTO", () => {
  expect(() => pmiInteger(parsePmiLine("rc=1x\n"), "rc")).toThrow("rc must be an integer, not 1x");
  expect(() => pmiInteger(parsePmiLine("\n"), "rc")).toThrow("not missing");
});

test("what is printed is parsed back", () => {
  const word = fc.stringMatching(/^[!-<>-~]{1,20}$/);
  fc.assert(
    fc.property(word, word, fc.stringMatching(/^[ -~]{1,40}$/), (kvsname, key, value) => {
      fc.pre(!value.endsWith(" found=TRUE"));
      const fields = parsePmiLine(printPmiLine({ cmd: "put", kvsname, key, value }));
      expect(Object.fromEntries(fields)).toEqual({ cmd: "put", kvsname, key, value });
    }),
  );
});

test("lines are cut out of a stream however it arrives, and an endless one is refused", () => {
  const text = "cmd=a\ncmd=b x=1\n\ncmd=c\n";
  const splitter = new PmiLineSplitter();
  expect([...text].flatMap((char) => splitter.feed(char))).toEqual([
    "cmd=a",
    "cmd=b x=1",
    "",
    "cmd=c",
  ]);
  expect(() => new PmiLineSplitter().feed("x".repeat(5000))).toThrow("longer than 1216");
});
