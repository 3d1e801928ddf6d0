import { expect, test } from "vitest";
import { initialProgram } from "./initial-program.ts";

const isExecutable = (word: string): boolean => word === "hostname";

test("no words, or a shell's name, is an interactive shell", () => {
  expect(initialProgram([], "/bin/bash", isExecutable)).toEqual({
    cmdline: ["/bin/bash"],
    isInteractive: true,
  });
  expect(initialProgram(["/bin/sh"], "/bin/bash", isExecutable).isInteractive).toBe(true);
});

test("one word that is no executable is for the shell", () => {
  expect(initialProgram(["echo a; echo b"], "/bin/sh", isExecutable).cmdline).toEqual([
    "/bin/sh",
    "-c",
    "echo a; echo b",
  ]);
  expect(initialProgram(["hostname"], "/bin/sh", isExecutable).cmdline).toEqual(["hostname"]);
});

test("several words are run as they are", () => {
  expect(initialProgram(["echo", "$HOME"], "/bin/sh", isExecutable).cmdline).toEqual([
    "echo",
    "$HOME",
  ]);
});
