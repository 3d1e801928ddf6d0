import { FluxError } from "@flux-ts/protocol/rpc/error";
import { ExecFlag, ExecLocalFlag } from "@flux-ts/protocol/services/rexec";
import { expect, test } from "vitest";
import type { Command } from "./command.ts";
import type { ExecListener } from "./exec-listener.ts";
import type { ExecRequest } from "./exec-request.ts";
import type { Output } from "./output.ts";
import { SubprocessServer } from "./server.ts";

const both = ExecFlag.Stdout | ExecFlag.Stderr;

/** Keeps what comes, and lets tests wait for it. */
class Recorder implements ExecListener {
  readonly trace: string[] = [];
  readonly text: Record<string, string> = {};
  pid = 0;
  status = -1;
  credit = 0;
  error: FluxError | undefined;
  #wake = (): void => {};

  started(pid: number): void {
    this.pid = pid;
    this.#note("started");
  }
  attached(pid: number, command: Command): void {
    this.pid = pid;
    this.#note(`attached ${command.cmdline.join(" ")}`);
  }
  stopped(): void {
    this.#note("stopped");
  }
  addCredit({ stdin }: Record<string, number>): void {
    this.credit += stdin ?? 0;
    this.#note("add-credit");
  }
  output(_pid: number, { stream, data, eof }: Output): void {
    if (data) this.text[stream] = (this.text[stream] ?? "") + new TextDecoder().decode(data);
    this.#note(eof ? `${stream} eof` : stream);
  }
  finished(status: number): void {
    this.status = status;
    this.#note("finished");
  }
  end(error: FluxError): void {
    this.error = error;
    this.#note(`end ${error.code}`);
  }

  async until(entry: string): Promise<void> {
    while (!this.trace.includes(entry)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #note(entry: string): void {
    this.trace.push(entry);
    this.#wake();
  }
}

function setUp() {
  const log: string[] = [];
  const server = new SubprocessServer({
    localUri: "local:///here",
    environment: { PATH: "/usr/bin:/bin", NOTIFY_SOCKET: "x" },
    log: (severity, text) => log.push(`${severity} ${text}`),
  });
  let matchtag = 0;
  const exec = (
    cmdline: string[],
    request: Partial<ExecRequest> = {},
    cmd: object = {},
  ): Recorder => {
    const recorder = new Recorder();
    const base = { cmdline, env: {}, opts: {}, channels: [] };
    matchtag++;
    server.exec(
      {
        cmd: { ...base, ...cmd },
        flags: both,
        streaming: true,
        sender: "client",
        matchtag,
        ...request,
      },
      recorder,
    );
    return recorder;
  };
  const background = (cmdline: string[], flags = 0, cmd: object = {}): Recorder =>
    exec(cmdline, { streaming: false, flags }, cmd);
  const attach = (pid: number, more: object = {}): Recorder => {
    const recorder = new Recorder();
    const request = { pid, flags: both, streaming: true, sender: "other", matchtag: 1, ...more };
    server.attach(request, recorder);
    return recorder;
  };
  return { server, exec, background, attach, log };
}

const ended = "end ENODATA";
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
/** For what nothing announces. */
const eventually = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
};
const failure = async (promise: Promise<unknown>): Promise<string> => {
  const error = await promise.catch((caught: unknown) => caught);
  return error instanceof FluxError ? `${error.code}: ${error.message}` : "no error";
};
const describe = ({ error }: Recorder): string => `${error?.code}: ${error?.message}`;

test("a streaming exec is answered by started, outputs with their ends, finished, ENODATA", async () => {
  const { exec, server } = setUp();
  const recorder = exec(["sh", "-c", "echo out; echo err >&2; exit 3"]);
  await recorder.until(ended);
  expect(recorder.text).toEqual({ stdout: "out\n", stderr: "err\n" });
  expect(recorder.status).toBe(3 << 8);
  expect(recorder.trace[0]).toBe("started");
  expect(recorder.trace.at(-1)).toBe(ended);
  expect(recorder.trace.filter((entry) => entry.endsWith("eof"))).toHaveLength(2);
  expect(server.list()).toEqual([]);
});

test("without environment a process gets the server's, with FLUX_URI and without its own", async () => {
  const { exec } = setUp();
  const inherited = exec(["env"]);
  const given = exec(["/usr/bin/env"], {}, { env: { A: "1", FLUX_URI: "x", INVOCATION_ID: "y" } });
  await Promise.all([inherited.until(ended), given.until(ended)]);
  expect(inherited.text.stdout).toBe("PATH=/usr/bin:/bin\nFLUX_URI=local:///here\n");
  expect(given.text.stdout).toBe("A=1\nFLUX_URI=local:///here\n");
});

test("input is written to the process of the client's request, and credit is given back", async () => {
  const { exec, server } = setUp();
  const recorder = exec(["cat"], { flags: both | ExecFlag.WriteCredit, matchtag: 70 });
  const at = { sender: "client", matchtag: 70, stream: "stdin" };
  server.write({ ...at, data: bytes("early\n") });
  await recorder.until("add-credit");
  server.write({ ...at, data: bytes("late\n") });
  server.write({ ...at, sender: "somebody else", data: bytes("never\n") });
  server.write({ ...at, matchtag: 71, data: bytes("never\n") });
  server.write({ ...at, eof: true });
  await recorder.until(ended);
  expect(recorder.text.stdout).toBe("early\nlate\n");
  expect(recorder.credit).toBe(4_194_304 + 11);
  expect(recorder.trace.slice(0, 2)).toEqual(["started", "add-credit"]);
  server.write({ ...at, data: bytes("dropped\n") });
});

test("input beyond the buffer is fatal to the process", async () => {
  const { exec, server, log } = setUp();
  const recorder = exec(["sleep", "60"], { matchtag: 70 }, { opts: { stdin_BUFSIZE: "100" } });
  await recorder.until("started");
  server.write({ sender: "client", matchtag: 70, stream: "stdin", data: new Uint8Array(101) });
  expect(describe(recorder)).toBe("ENOSPC: internal fatal error: No space left on device");
  expect(log).toEqual(["3 Error writing 101 bytes to subprocess stdin"]);
  expect(server.list()).toEqual([]);
});

test.each<[string, Partial<ExecRequest>, object]>([
  ["ENOENT: error launching process: No such file or directory", {}, { cmdline: ["/no/such"] }],
  ["EACCES: error launching process: Permission denied", {}, { cmdline: ["/tmp"] }],
  ["EPROTO: command string is empty", {}, { cmdline: [] }],
  ["EPROTO: error parsing command string: cmd.env: expected an object", {}, { env: 1 }],
  ["EINVAL: error launching process: Invalid argument", {}, { opts: { stdin_BUFSIZE: "x" } }],
  [
    "EINVAL: auxiliary channels are not allowed in background mode",
    { streaming: false },
    { channels: ["X"] },
  ],
  [
    "EINVAL: write-credit flag is not allowed in background mode",
    { streaming: false, flags: ExecFlag.WriteCredit },
    {},
  ],
  [
    "EINVAL: stdio-fallthrough flag is not allowed in background mode",
    { streaming: false, localFlags: ExecLocalFlag.Fallthrough },
    {},
  ],
  ["EINVAL: waitable flag only supported in background mode", { flags: ExecFlag.Waitable }, {}],
])("refused with %s", async (text, request, cmd) => {
  const { exec } = setUp();
  const recorder = exec(["true"], request, cmd);
  await recorder.until(`end ${text.slice(0, text.indexOf(":"))}`);
  expect(describe(recorder)).toBe(text);
  expect(recorder.trace).toHaveLength(1);
});

test("processes are listed and killed by pid or label, which is unique", async () => {
  const { exec, server } = setUp();
  const recorder = exec(["sleep", "60"], {}, { label: "sleeper" });
  const second = exec(["true"], {}, { label: "sleeper" });
  expect(describe(second)).toBe("EINVAL: command label is not unique");
  await recorder.until("started");
  expect(server.list()).toEqual([
    { pid: recorder.pid, cmd: "sleep", label: "sleeper", state: "R" },
  ]);
  expect(await failure(server.kill({ pid: 1, signum: 15 }))).toBe(
    "ESRCH: pid 1 does not belong to any subprocess",
  );
  expect(await failure(server.kill({ pid: 1, label: "x", signum: 15 }))).toBe(
    "ESRCH: label x does not belong to any subprocess",
  );
  expect(await failure(server.kill({ pid: recorder.pid, signum: 0 }))).toMatch(/^EINVAL/);
  await server.kill({ pid: 0, label: "sleeper", signum: 15 });
  await recorder.until(ended);
  expect(recorder.status).toBe(15);
  const again = exec(["true"], {}, { label: "sleeper" });
  await again.until(ended);
});

test("a process can be named by its label before it runs", async () => {
  const { background, server, attach } = setUp();
  background(["sleep", "60"], 0, { label: "sleeper" });
  const follower = attach(0, { label: "sleeper" });
  await server.kill({ pid: 0, label: "sleeper", signum: 15 });
  await follower.until(ended);
  expect(follower.status).toBe(15);
});

test("that a process was stopped is reported", async () => {
  const { exec, server } = setUp();
  const recorder = exec(["sleep", "60"]);
  await recorder.until("started");
  await server.kill({ pid: recorder.pid, signum: 19 });
  await recorder.until("stopped");
  await server.kill({ pid: recorder.pid, signum: 9 });
  await recorder.until(ended);
});

test("a background process has no input, and logs what it prints", async () => {
  const { background, log, attach } = setUp();
  const recorder = background(["sh", "-c", "cat; echo done; echo bad >&2; sleep 0.1"], 0, {
    label: "bg",
  });
  await recorder.until("started");
  const follower = attach(0, { label: "bg" });
  await follower.until(ended);
  expect(recorder.trace).toEqual(["started"]);
  const name = `bg[${recorder.pid}]`;
  expect([...log].sort()).toEqual(
    [`3 ${name}: bad`, `6 ${name}: done`, `6 bg: sh[${recorder.pid}]: Exit 0`].sort(),
  );
});

test("a background process that cannot be started gets an error alone", async () => {
  const { background } = setUp();
  const recorder = background(["/no/such"], ExecFlag.Waitable);
  await recorder.until("end ENOENT");
  expect(recorder.trace).toEqual(["end ENOENT"]);
});

test("waiting returns status and last output, before or after the end; then the pid is gone", async () => {
  const { background, server } = setUp();
  const early = background(["sh", "-c", "echo hi; exit 4"], ExecFlag.Waitable);
  await early.until("started");
  const output = [{ stream: "stdout", data: bytes("hi\n") }];
  const name = { pid: early.pid, sender: "client" };
  expect(await server.wait(name)).toEqual({ status: 4 << 8, output });
  expect(await failure(server.wait(name))).toMatch(/^ESRCH: pid/);
  const late = background(["sh", "-c", "kill -9 $$"], ExecFlag.Waitable, { label: "late" });
  await late.until("started");
  await eventually(() => server.list()[0]?.state === "Z");
  expect(await server.wait({ pid: 0, label: "late", sender: "x" })).toEqual({
    status: 9,
    output: [],
  });
  expect(server.list()).toEqual([]);
});

test("only waitable processes can be waited for", async () => {
  const { background, server } = setUp();
  const recorder = background(["sleep", "60"]);
  await recorder.until("started");
  expect(await failure(server.wait({ pid: recorder.pid, sender: "x" }))).toBe(
    "EINVAL: process is not waitable",
  );
  await server.kill({ pid: recorder.pid, signum: 9 });
});

test("attaching follows a background process; it survives the client, and can be attached again", async () => {
  const { background, attach, server, log } = setUp();
  const script =
    "read x < /dev/null; trap 'echo caught; exit 5' USR1; echo up; while :; do sleep 0.01; done";
  const recorder = background(["sh", "-c", script], 0);
  await recorder.until("started");
  const first = attach(recorder.pid);
  await first.until(`attached sh -c ${script}`);
  const busy = attach(recorder.pid, { sender: "third" });
  await busy.until("end EBUSY");
  expect(busy.error?.message).toBe("subprocess already has a client attached");
  server.disconnect("other");
  const again = attach(recorder.pid, { flags: ExecFlag.Stdout });
  await again.until(`attached sh -c ${script}`);
  await eventually(() => log.length > 0);
  await server.kill({ pid: recorder.pid, signum: 10 });
  await again.until(ended);
  expect(again.text.stdout).toMatch(/caught\n$/);
  expect(again.status).toBe(5 << 8);
  expect(again.trace).not.toContain("stderr eof");
  expect(first.trace).not.toContain(ended);
});

test("attach to what is not there, or without streaming, is refused", () => {
  const { attach } = setUp();
  expect(describe(attach(1))).toBe("ENOENT: pid 1 does not belong to any subprocess");
  expect(describe(attach(1, { streaming: false }))).toBe(
    "EPROTO: attach request is missing STREAMING flag",
  );
});

test("a disconnected client's foreground processes are killed, even those still starting", async () => {
  const { exec, server } = setUp();
  const running = exec(["sleep", "60"]);
  await running.until("started");
  exec(["sleep", "60"]);
  const other = exec(["sleep", "60"], { sender: "other" });
  await other.until("started");
  server.disconnect("client");
  await eventually(() => server.list().length === 1);
  expect(server.list().map(({ pid }) => pid)).toEqual([other.pid]);
  await server.kill({ pid: other.pid, signum: 9 });
});

test("shutdown signals all, forgets zombies, refuses new processes, and waits for the last", async () => {
  const { exec, background, server } = setUp();
  const zombie = background(["true"], ExecFlag.Waitable);
  await zombie.until("started");
  await eventually(() => server.list()[0]?.state === "Z");
  const stubborn = exec(["sh", "-c", "trap '' TERM; echo up; while :; do sleep 1; done"]);
  await stubborn.until("stdout");
  const starting = exec(["sleep", "60"]);
  let done = false;
  const shutdown = server.shutdown(15).then(() => {
    done = true;
  });
  expect(describe(exec(["true"]))).toBe("ENOSYS: subprocess server is shutting down");
  await starting.until(ended);
  expect(done).toBe(false);
  expect(server.list().map(({ pid }) => pid)).toEqual([stubborn.pid]);
  await server.shutdown(9);
  await shutdown;
  expect(stubborn.status).toBe(9);
});

test("hundreds of processes at a time each reach their end", async () => {
  const { exec } = setUp();
  const recorders = Array.from({ length: 300 }, (_, i) => exec(["sh", "-c", `echo ${i}`]));
  await Promise.all(recorders.map((recorder) => recorder.until(ended)));
  recorders.forEach((recorder, i) => {
    expect(recorder.text.stdout).toBe(`${i}\n`);
  });
}, 20_000);
