import type { FluxError } from "@flux-ts/protocol/rpc/error";
import { ExecFlag } from "@flux-ts/protocol/services/rexec";
import { expect, test } from "vitest";
import { ServerProcess } from "./server-process.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const both = ExecFlag.Stdout | ExecFlag.Stderr;

/** A listener that writes down what it hears, one line each. */
function recorder(trace: string[]) {
  return {
    started: (pid: number) => trace.push(`started ${pid}`),
    attached: (pid: number) => trace.push(`attached ${pid}`),
    stopped: () => trace.push("stopped"),
    addCredit: (channels: object) => trace.push(`credit ${JSON.stringify(channels)}`),
    output: (
      _pid: number,
      { stream, data, eof }: { stream: string; data?: Uint8Array; eof?: boolean },
    ) => trace.push(`${stream} ${eof ? "eof" : new TextDecoder().decode(data)}`),
    finished: (status: number) => trace.push(`finished ${status}`),
    end: (error: FluxError) => trace.push(`end ${error.code}`),
  };
}

function make(options: { background: boolean; flags: number; credits?: Record<string, number> }) {
  const trace: string[] = [];
  const log: string[] = [];
  const process = new ServerProcess({
    command: { cmdline: ["/bin/tool"], env: {}, opts: {}, channels: [] },
    credits: {},
    ...options,
    request: { sender: "client", matchtag: 7, listener: recorder(trace) },
    log: (severity, text) => log.push(`${severity} ${text}`),
  });
  return { process, trace, log };
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return (error as FluxError).code;
  }
  return "accepted";
}

test("a foreground process: started, credit, selected output, finished, ENODATA", () => {
  const flags = ExecFlag.Stdout | ExecFlag.WriteCredit;
  const { process, trace, log } = make({ background: false, flags, credits: { stdin: 100 } });
  process.onStart(5);
  process.onOutput({ stream: "stdout", data: bytes("hi") });
  process.onOutput({ stream: "stderr", data: bytes("no") });
  process.onCredit("stdin", 3);
  process.onExit(0);
  process.onOutput({ stream: "stdout", eof: true });
  process.onComplete(0);
  expect(trace).toEqual([
    "started 5",
    'credit {"stdin":100}',
    "stdout hi",
    'credit {"stdin":3}',
    "finished 0",
    "stdout eof",
    "end ENODATA",
  ]);
  expect(log).toEqual([]);
  expect(process.isOver).toBe(true);
});

test("input taken before the start is part of the first credit", () => {
  const flags = ExecFlag.WriteCredit;
  const { process, trace } = make({ background: false, flags, credits: { stdin: 100 } });
  process.onCredit("stdin", 20);
  process.onStart(5);
  expect(trace).toEqual(["started 5", 'credit {"stdin":120}']);
});

test("a background process gets one response, and its output and end are logged", () => {
  const { process, trace, log } = make({ background: true, flags: both });
  process.onStart(5);
  process.onOutput({ stream: "stdout", data: bytes("one\ntwo\n") });
  process.onOutput({ stream: "stderr", data: bytes("three") });
  process.onExit(256);
  process.onComplete(256);
  expect(trace).toEqual(["started 5"]);
  expect(log).toEqual([
    "6 tool[5]: one",
    "6 tool[5]: two",
    "3 tool[5]: three",
    "6 tool[5]: Exit 1",
  ]);
  expect(process.isOver).toBe(true);
});

test("a waitable process stays as a zombie until it is waited for, with its output", async () => {
  const { process } = make({ background: true, flags: ExecFlag.Waitable });
  process.onStart(5);
  process.onOutput({ stream: "stdout", data: bytes("x") });
  process.onComplete(9);
  expect([process.active, process.isOver]).toEqual([false, false]);
  const result = process.wait("waiter");
  expect(process.isOver).toBe(true);
  expect(await result).toEqual({ status: 9, output: [{ stream: "stdout", data: bytes("x") }] });
  expect(codeOf(() => process.wait("waiter"))).toBe("EINVAL");
});

test("there is one waiter at a time, and none besides an attached client", async () => {
  const { process } = make({ background: true, flags: ExecFlag.Waitable });
  process.onStart(5);
  const client = { sender: "other", matchtag: 1 };
  const waiting = process.wait("waiter");
  expect(codeOf(() => process.wait("second"))).toBe("EINVAL");
  expect(codeOf(() => process.attach(client, both, recorder([])))).toBe("EBUSY");
  process.disconnect("waiter");
  process.attach(client, both, recorder([]));
  expect(codeOf(() => process.wait("second"))).toBe("EBUSY");
  process.disconnect("other");
  const second = process.wait("second");
  process.onComplete(0);
  expect((await second).status).toBe(0);
  expect(await Promise.race([waiting, "pending"])).toBe("pending");
});

test("who attaches gets every end of stream once, later output, and the end", () => {
  const { process, log } = make({ background: true, flags: 0 });
  process.onStart(5);
  process.onOutput({ stream: "stdout", data: bytes("early\n") });
  process.onOutput({ stream: "stderr", eof: true });
  const trace: string[] = [];
  process.attach({ sender: "other", matchtag: 1 }, both, recorder(trace));
  expect(process.client).toMatchObject({ sender: "other", matchtag: 1 });
  process.onOutput({ stream: "stdout", data: bytes("late\n") });
  process.onOutput({ stream: "stdout", eof: true });
  process.onExit(0);
  process.onComplete(0);
  expect(trace).toEqual([
    "attached 5",
    "stderr eof",
    "stdout late\n",
    "stdout eof",
    "finished 0",
    "end ENODATA",
  ]);
  expect(log).toEqual(["6 tool[5]: early", "6 tool[5]: late", "6 tool[5]: Exit 0"]);
});

test("who attaches between exit and completion still gets the status", () => {
  const { process } = make({ background: true, flags: 0 });
  process.onStart(5);
  process.onExit(3);
  const trace: string[] = [];
  process.attach({ sender: "other", matchtag: 1 }, both, recorder(trace));
  process.onOutput({ stream: "stdout", eof: true });
  process.onComplete(3);
  expect(trace).toEqual(["attached 5", "finished 3", "stdout eof", "end ENODATA"]);
});

test("attaching to a zombie tells how it ended, and reaps it", () => {
  const { process } = make({ background: true, flags: ExecFlag.Waitable });
  process.onStart(5);
  for (const stream of ["stdout", "stderr"]) process.onOutput({ stream, eof: true });
  process.onExit(9);
  process.onComplete(9);
  const trace: string[] = [];
  process.attach({ sender: "other", matchtag: 1 }, ExecFlag.Stdout, recorder(trace));
  expect(trace).toEqual(["attached 5", "stdout eof", "finished 9", "end ENODATA"]);
  expect(process.isOver).toBe(true);
});

test("a waitable process that ends while a client is attached is reaped by that", () => {
  const { process } = make({ background: true, flags: ExecFlag.Waitable });
  process.onStart(5);
  process.attach({ sender: "other", matchtag: 1 }, both, recorder([]));
  process.onExit(0);
  process.onComplete(0);
  expect(process.isOver).toBe(true);
});

test("a foreground process cannot be attached to or waited for", () => {
  const { process } = make({ background: false, flags: both });
  process.onStart(5);
  expect(codeOf(() => process.attach({ sender: "x", matchtag: 1 }, 0, recorder([])))).toBe("EBUSY");
  expect(codeOf(() => process.wait("x"))).toBe("EINVAL");
});

test("only the foreground process of a client that is gone is to be killed", () => {
  const foreground = make({ background: false, flags: both });
  foreground.process.onStart(5);
  expect(foreground.process.disconnect("somebody else")).toBe(false);
  expect(foreground.process.disconnect("client")).toBe(true);
  const background = make({ background: true, flags: both });
  expect(background.process.disconnect("client")).toBe(false);
  background.process.onStart(6);
  background.process.attach({ sender: "other", matchtag: 1 }, both, recorder([]));
  expect(background.process.disconnect("other")).toBe(false);
  expect(
    codeOf(() => background.process.attach({ sender: "x", matchtag: 1 }, 0, recorder([]))),
  ).toBe("accepted");
});
