// House rules that a reviewer should not have to look for.

import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { expect, test } from "vitest";
import { root, sourceFiles } from "./sources.ts";

const maxFileLines = 500;
const maxFunctionLines = 70;
const maxLineLength = 110;

const files = sourceFiles();
const sources = files.filter((file) => !file.endsWith(".test.ts") && !file.endsWith(".d.ts"));
const textOf = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
const linesOf = (file: string): string[] => textOf.get(file)!.split("\n");

/** Tables: long because the world is. */
const tables = new Set([
  "packages/protocol/src/job/mnemonic-words.ts",
  "packages/protocol/src/job/emoji-alphabet.ts",
  "packages/flux/src/cli/output/strftime.ts",
]);

test(`no source file exceeds ${maxFileLines} lines`, () => {
  const long = sources.filter((file) => !tables.has(file) && linesOf(file).length > maxFileLines);
  expect(long).toEqual([]);
});

test("half of the source files have 120 lines or less", () => {
  const lengths = sources.map((file) => linesOf(file).length).sort((a, b) => a - b);
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(120);
});

/** What is left of a line without its strings: help texts and formats are as long as they are. */
const withoutStrings = (line: string): string => line.replace(/'[^']*'|"[^"]*"|`[^`]*`/g, "");

test(`no line exceeds ${maxLineLength} characters, strings aside`, () => {
  const isLong = (line: string): boolean =>
    line.length > maxLineLength && withoutStrings(line).length > maxLineLength / 2;
  const long = sources.filter((file) => !tables.has(file) && linesOf(file).some(isLong));
  expect(long).toEqual([]);
});

/** First lines of functions and methods, by the shape the formatter gives them. */
const functionStart =
  /^( *)(?:(?:export )?(?:default )?(?:async )?function\b.*|(?:static |async |get |set )*#?\w+\(.*\)(?:: .*)?) \{$/;

function longFunctions(file: string): string[] {
  const lines = linesOf(file);
  return lines.flatMap((line, start) => {
    const match = functionStart.exec(line);
    if (!match || /^\s*(if|for|while|switch|catch|return)\b/.test(line)) return [];
    const end = lines.findIndex((other, i) => i > start && other.startsWith(`${match[1]}}`));
    return end - start + 1 > maxFunctionLines ? [`${file}:${start + 1}`] : [];
  });
}

test(`no function exceeds ${maxFunctionLines} lines`, () => {
  expect(sources.filter((file) => !tables.has(file)).flatMap(longFunctions)).toEqual([]);
});

/** In a module's folder only the file named like its folder may do I/O, wait or look at a clock. */
const impure =
  /\basync\b|\bawait\b|\bset(?:Timeout|Interval|Immediate)\(|\bDate\.now\(|\bMath\.random\(|from "node:/;

function isPureFile(file: string): boolean {
  const inModule = file.startsWith("packages/flux/src/modules/");
  const inScheduler = file.startsWith("packages/flux/src/scheduler/");
  if (inScheduler) return true;
  return inModule && basename(file, ".ts") !== basename(dirname(file));
}

test("in a module all files but the driver are pure", () => {
  const offenders = sources.filter((file) => {
    if (!isPureFile(file)) return false;
    const code = linesOf(file).filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line));
    return code.some((line) => impure.test(line));
  });
  expect(offenders).toEqual([]);
});

test("nothing promises instead of doing", () => {
  const promise = /\b(TODO|FIXME|XXX)\b|not yet implemented|stub\b/;
  expect(sources.filter((file) => promise.test(textOf.get(file)!))).toEqual([]);
});

/** How often each word stands in the sources, and in the tests that are not beside them. */
function wordCounts(): Map<string, number> {
  const counts = new Map<string, number>();
  const others = sourceFiles("test/*.ts", "bench/*.ts");
  const texts = others.map((file) => readFileSync(join(root, file), "utf8"));
  for (const text of [...textOf.values(), ...texts]) {
    for (const [word] of text.matchAll(/\w+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

const exported =
  /^export (?:abstract )?(?:const|function\*?|async function|class|interface|type) (\w+)/gm;

test("every export of the instance is used somewhere", () => {
  const counts = wordCounts();
  const dead = sources
    .filter((file) => file.startsWith("packages/flux/src/"))
    .flatMap((file) => {
      const names = [...textOf.get(file)!.matchAll(exported)].map((match) => match[1]!);
      return names.filter((name) => counts.get(name)! < 2).map((name) => `${file}: ${name}`);
    });
  expect(dead).toEqual([]);
});

test("every file is named in kebab-case, and none is called utils, common, misc, types or index", () => {
  const odd = files.filter((file) => {
    const name = basename(file).replace(/(\.test|\.d|\.main-thread)?\.ts$/, "");
    const isVague = /^(utils|common|misc|types|helpers)$/.test(name);
    const isIndex = name === "index" && !file.endsWith("src/index.ts");
    // `flux R` has a capital letter, so its file has one.
    return isVague || isIndex || !/^([a-z0-9]+(-[a-z0-9]+)*|R)$/.test(name);
  });
  expect(odd).toEqual([]);
});
