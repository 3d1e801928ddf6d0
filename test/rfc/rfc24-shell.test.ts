// RFC 24, what a job shell writes and takes. The format itself: rfc24.test.ts.

import { ShellBench } from "@flux-ts/testing/shell";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let bench: ShellBench;
beforeAll(async () => {
  bench = await ShellBench.open();
});
afterAll(() => bench[Symbol.asyncDispose]());

const sh = (script: string): string[] => ["sh", "-c", script];

describe("RFC 24: output log", () => {
  test("header event: it is first, and counts the streams of all tasks", async () => {
    const { output } = await bench.run({ command: ["echo", "x"], ntasks: 3 });
    expect(output[0]).toMatchObject({
      name: "header",
      context: {
        version: 1,
        encoding: { stdout: "UTF-8", stderr: "UTF-8" },
        count: { stdout: 3, stderr: 3 },
        options: {},
      },
    });
    expect(output.filter(({ name }) => name === "header").length).toBe(1);
  });

  test("data event: stream and rank of the task, its lines in order", async () => {
    const command = sh("echo one; echo two >&2; echo three");
    const { output } = await bench.run({ command, ntasks: 2 });
    const contexts = output.filter(({ name }) => name === "data").map(({ context }) => context);
    const ofTask = contexts.filter((context) => context?.rank === "1");
    expect(ofTask).toContainEqual({ stream: "stderr", rank: "1", data: "two\n" });
    const lines = ofTask.filter((context) => context?.stream === "stdout" && context?.data);
    expect(lines.map((context) => context?.data)).toEqual(["one\n", "three\n"]);
  });

  test("data event: the last of each stream is its end, once", async () => {
    const { data } = await bench.run({ command: ["echo", "x"], ntasks: 2 });
    for (const stream of ["stdout", "stderr"]) {
      for (const rank of ["0", "1"]) {
        const own = data.filter((one) => one.stream === stream && one.rank === rank);
        expect(own.map(({ eof }) => eof === true)).toEqual([
          ...Array<boolean>(own.length - 1).fill(false),
          true,
        ]);
      }
    }
  });

  test("data event: bytes that are not UTF-8 are encoded as base64", async () => {
    const { output } = await bench.run({ command: ["printf", "ok\\n\\377\\n"] });
    const pieces = output.filter(({ context }) => context?.data !== undefined);
    expect(pieces.map(({ context }) => [context?.data, context?.encoding])).toEqual([
      ["ok\n", undefined],
      ["/wo=", "base64"],
    ]);
  });

  test("data event: a line without a newline at the end of a stream is data too", async () => {
    const { stdout } = await bench.run({ command: ["printf", "a\\nb"] });
    expect(stdout).toBe("a\nb");
  });

  test("log event: severity, message and rank of the shell", async () => {
    const { output } = await bench.run({ command: ["true"], options: { verbose: 1 } });
    const lines = output.filter(({ name }) => name === "log").map(({ context }) => context);
    expect(lines).toContainEqual({ rank: 0, level: 6, message: "task 0 complete status=0" });
    expect(lines).toContainEqual({
      rank: 0,
      level: 6,
      message: "simple wire protocol is enabled",
      component: "pmi-simple",
    });
  });

  test("redirect event: streams that go to a file, with its name", async () => {
    const path = `${bench.directory}/redirect.{{taskid}}`;
    const options = { output: { stdout: { type: "file", path } } };
    const { output } = await bench.run({ command: ["echo", "x"], ntasks: 2, options });
    expect(output.slice(1)).toMatchObject([
      { name: "redirect", context: { stream: "stdout", rank: "[0-1]", path } },
      { name: "redirect", context: { stream: "stderr", rank: "[0-1]", path } },
    ]);
  });
});

describe("RFC 24: input log", () => {
  test("header event: one stream, of one writer", async () => {
    const { input } = await bench.run({ command: ["true"] });
    expect(input).toMatchObject([
      {
        name: "header",
        context: { version: 1, encoding: { stdin: "UTF-8" }, count: { stdin: 1 }, options: {} },
      },
    ]);
  });

  test("data event: input is kept as it was sent, for all tasks or some of them", async () => {
    const run = await bench.start({ command: ["cat"], ntasks: 3 });
    await expect.poll(async () => (await run.log("input")).length).toBe(1);
    const topic = `${run.shell.service.name}.stdin`;
    const sent = [
      { stream: "stdin", rank: "0-1", data: "some\n" },
      { stream: "stdin", rank: "all", data: "/wo=", encoding: "base64", eof: true },
    ];
    for (const io of sent) await bench.flux.rpc(topic, io);
    const { input, data } = await run.finished();
    expect(input.slice(1).map(({ context }) => context)).toEqual(sent);
    const bytes = (rank: string): number[] =>
      data.filter((one) => one.rank === rank).flatMap((one) => [...(one.data ?? [])]);
    expect(bytes("1")).toEqual([...Buffer.from("some\n"), 0xff, 10]);
    expect(bytes("2")).toEqual([0xff, 10]);
  });
});
