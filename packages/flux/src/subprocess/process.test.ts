import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { expect, test } from "vitest";
import { Process, type ProcessOptions, startProcess } from "./process.ts";

const env = { PATH: "/usr/bin:/bin" };
const piped = { stdin: "pipe", stdout: "pipe", stderr: "pipe" } as const;

interface Run {
  readonly process: Process;
  /** Events in order, in one line each. */
  readonly trace: string[];
  readonly text: Record<string, string>;
  readonly done: Promise<number>;
}

function prepare(argv: string[], options: Partial<ProcessOptions> = {}): Run {
  const trace: string[] = [];
  const text: Record<string, string> = {};
  let complete = (_status: number): void => {};
  const done = new Promise<number>((resolve) => {
    complete = resolve;
  });
  const process = new Process(
    { argv, env, ...piped, ...options },
    {
      onStart: () => trace.push("start"),
      onOutput({ stream, data, eof }) {
        if (data) text[stream] = (text[stream] ?? "") + new TextDecoder().decode(data);
        if (eof) trace.push(`${stream} eof`);
      },
      onStopped: () => trace.push("stopped"),
      onExit: (status) => trace.push(`exit ${status}`),
      onComplete(status) {
        trace.push("complete");
        complete(status);
      },
    },
  );
  return { process, trace, text, done };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("output and error are told apart, and completion comes last", async () => {
  const { process, trace, text, done } = prepare(["sh", "-c", "echo out; echo err >&2; exit 2"]);
  await process.start();
  expect(process.pid).toBeGreaterThan(0);
  expect(await done).toBe(2 << 8);
  expect(text).toEqual({ stdout: "out\n", stderr: "err\n" });
  expect(trace[0]).toBe("start");
  expect(trace.at(-1)).toBe("complete");
  expect([...trace].sort()).toEqual(["complete", "exit 512", "start", "stderr eof", "stdout eof"]);
});

test("what is written before and after the start arrives at standard input, then its end", async () => {
  const { process, text, done } = prepare(["cat"]);
  process.write("stdin", bytes("before\n"));
  await process.start();
  process.write("stdin", bytes("after\n"));
  process.end("stdin");
  expect(await done).toBe(0);
  expect(text.stdout).toBe("before\nafter\n");
});

test("a megabyte goes through a process and back", async () => {
  const { process, text, done } = prepare(["cat"]);
  const sent = `${"0123456789abcde\n".repeat(65_536)}`;
  await process.start();
  process.write("stdin", bytes(sent));
  process.end("stdin");
  await done;
  expect(text.stdout === sent).toBe(true);
});

test("lines are not torn in a line buffered stream, and pass at once in an unbuffered one", async () => {
  const argv = ["sh", "-c", "printf a; sleep 0.05; printf 'b\\n'; read x"];
  const pieces = async (lineBuffered: boolean): Promise<string[]> => {
    const seen: string[] = [];
    const child = await startProcess(
      { argv, env, ...piped, streamOptions: () => ({ lineBuffered, bufferBytes: 1000 }) },
      {
        onOutput({ data }) {
          if (data) seen.push(new TextDecoder().decode(data));
          if (seen.join("") === "ab\n") child.end("stdin");
        },
      },
    );
    while (child.status === undefined) await new Promise((resolve) => setImmediate(resolve));
    return seen;
  };
  expect(await pieces(true)).toEqual(["ab\n"]);
  expect(await pieces(false)).toEqual(["a", "b\n"]);
});

test("a channel is a socket whose descriptor an environment variable names", async () => {
  const script = 'eval "read line <&$CHAN"; eval "echo got $line >&$CHAN"; echo $CHAN';
  const { process, text, trace, done } = prepare(["sh", "-c", script], { channels: ["CHAN"] });
  await process.start();
  process.write("CHAN", bytes("hello\n"));
  await done;
  expect(text).toEqual({ CHAN: "got hello\n", stdout: "3\n" });
  expect(trace).toContain("CHAN eof");
});

test("the end of a channel's input leaves its output open", async () => {
  const script = 'eval "cat <&$CHAN >/dev/null; echo bye >&$CHAN"';
  const { process, text, done } = prepare(["sh", "-c", script], { channels: ["CHAN"] });
  await process.start();
  process.end("CHAN");
  await done;
  expect(text.CHAN).toBe("bye\n");
});

test("streams can be files or nothing", async () => {
  const directory = mkdtempSync(join(tmpdir(), "process-"));
  const file = join(directory, "out");
  const fd = openSync(file, "w");
  const { process, text, done } = prepare(["sh", "-c", "cat; echo out; echo err >&2"], {
    stdin: "null",
    stdout: { path: file, flags: 0o1 },
    stderr: fd,
  });
  await process.start();
  await done;
  closeSync(fd);
  expect(text).toEqual({});
  expect(readFileSync(file, "utf8")).toBe("err\n");
  rmSync(directory, { recursive: true });
});

test("a signal reaches all processes of its group; stopping is reported, ending too", async () => {
  const { process, trace, done } = prepare(["sh", "-c", "sleep 60 & echo ready; wait"]);
  await process.start();
  process.kill(19);
  while (!trace.includes("stopped")) await new Promise((resolve) => setTimeout(resolve, 5));
  process.kill(18);
  process.kill(15);
  expect(await done).toBe(15);
  expect(() => process.kill(15)).toThrow();
});

test("signals are checked", async () => {
  const { process, done } = prepare(["cat"]);
  const errorOf = (signum: number): unknown => {
    try {
      process.kill(signum);
    } catch (error) {
      return error;
    }
  };
  expect(isErrno(errorOf(15), "ESRCH")).toBe(true);
  await process.start();
  expect(isErrno(errorOf(0), "EINVAL")).toBe(true);
  expect(isErrno(errorOf(999), "EINVAL")).toBe(true);
  process.end("stdin");
  await done;
});

test("input is limited by the buffer, and refused for streams that do not exist", async () => {
  const streamOptions = () => ({ lineBuffered: true, bufferBytes: 100_000 });
  const { process, done } = prepare(["sleep", "60"], { streamOptions });
  const errorOf = (stream: string, size: number): unknown => {
    try {
      process.write(stream, new Uint8Array(size));
    } catch (error) {
      return error;
    }
  };
  expect(isErrno(errorOf("stdin", 100_001), "ENOSPC")).toBe(true);
  expect(isErrno(errorOf("stdout", 1), "EINVAL")).toBe(true);
  await process.start();
  process.kill(9);
  await done;
  expect(isErrno(errorOf("stdin", 1), "EPIPE")).toBe(true);
});

test("a command that cannot be started leaves no descriptor open", async () => {
  const openFds = (): string => readFileSync("/proc/self/status", "utf8").match(/FDSize:.*/)![0];
  const before = openFds();
  for (let i = 0; i < 300; i++) {
    const { process } = prepare(["/no/such/command"], { channels: ["X"] });
    expect(isErrno(await process.start().catch((error: unknown) => error), "ENOENT")).toBe(true);
  }
  expect(openFds()).toBe(before);
});

test("a directory that cannot be entered is replaced, with a note, where that is allowed", async () => {
  const { process, text, done } = prepare(["pwd"], {
    cwd: "/no/such/directory",
    fallbackDirectory: "/tmp",
  });
  await process.start();
  await done;
  expect(text.stdout).toBe("/tmp\n");
  expect(text.stderr).toBe(
    "Could not change dir to /no/such/directory: No such file or directory. Going to /tmp instead\n",
  );
});

test("a paused stream holds the process up", async () => {
  const { process, text, done } = prepare(["sh", "-c", "yes | head -c 1000000"]);
  await process.start();
  process.pause("stdout");
  const paused = text.stdout?.length ?? 0;
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(process.status).toBeUndefined();
  expect(text.stdout?.length ?? 0).toBe(paused);
  process.resume("stdout");
  await done;
  expect(text.stdout).toHaveLength(1_000_000);
});
