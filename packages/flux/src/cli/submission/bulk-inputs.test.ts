import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bulkInputs, separatorOf } from "./bulk-inputs.ts";

const inputs = (words: string): string[] =>
  bulkInputs(words.split(" "), "\n").inputs.map((each) => each.join(""));

test("::: begins a list; several lists are combined in every way", () => {
  expect(bulkInputs(["echo", "{}", ":::", "a", "b"], "\n")).toEqual({
    command: ["echo", "{}"],
    inputs: [["a"], ["b"]],
  });
  expect(inputs("x ::: a b ::: 1 2")).toEqual(["a1", "a2", "b1", "b2"]);
});

test(":::+ links a list to those before it, starting again where it is shorter", () => {
  expect(inputs("x ::: a b c :::+ 1 2")).toEqual(["a1", "b2", "c1"]);
});

test(":::: reads a list from one file", () => {
  const folder = mkdtempSync(join(tmpdir(), "flux-bulk-"));
  const file = join(folder, "list");
  writeFileSync(file, "a b\nc\n");
  expect(bulkInputs(["x", "::::", file], "\n").inputs).toEqual([["a b"], ["c"]]);
  expect(bulkInputs(["x", "::::", file], undefined).inputs).toEqual([["a"], ["b"], ["c"]]);
  expect(() => inputs(`x :::: ${file} more`)).toThrow("Multiple args not allowed after ::::");
  rmSync(folder, { recursive: true });
});

test("--sep takes escape sequences; none is any white space", () => {
  expect(separatorOf("\\n")).toBe("\n");
  expect(separatorOf("\\x2c")).toBe(",");
  expect(separatorOf("NONE")).toBeUndefined();
});
