import type { Flux } from "@flux-ts/client/handle";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { ExecFlag, ExecLocalFlag, rexec } from "@flux-ts/protocol/services/rexec";
import { type TestBroker, testBroker } from "@flux-ts/testing/broker";
import rexecModule from "flux-ts/modules/rexec/rexec";
import { afterEach, beforeEach, expect, test } from "vitest";

const { Stdout, Stderr, Channel, WriteCredit, Waitable } = ExecFlag;
const both = Stdout | Stderr;
const env = { PATH: "/usr/bin:/bin" };

let broker: TestBroker;
beforeEach(async () => {
  broker = await testBroker({ modules: [rexecModule] });
});
afterEach(() => broker[Symbol.asyncDispose]());

type Request = Parameters<typeof requestOf>[1];

function requestOf(
  cmdline: string[],
  more: { flags?: number; local_flags?: number; cmd?: object },
) {
  const cmd = { cmdline, env, opts: {}, channels: [], ...more.cmd };
  const { flags = both, local_flags = 0 } = more;
  return { cmd: JSON.parse(JSON.stringify(cmd)), flags, local_flags };
}

/** A streaming exec or attach, with what has come of it. */
class Exec {
  readonly types: string[] = [];
  readonly text: Record<string, string> = {};
  readonly eofs: string[] = [];
  readonly responses: Record<string, unknown>[] = [];
  error: FluxError | undefined;
  matchtag = 0;
  readonly ended: Promise<void>;
  #resolve = (): void => {};
  #wake = (): void => {};

  constructor() {
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  next(response: { type: string; io?: { stream: string; data?: string; eof?: boolean } }): void {
    this.responses.push(response);
    this.types.push(response.type);
    const { io } = response;
    if (io?.data) this.text[io.stream] = (this.text[io.stream] ?? "") + io.data;
    if (io?.eof) this.eofs.push(io.stream);
    this.#wake();
  }

  end(error?: FluxError): void {
    this.error = error;
    this.#resolve();
  }

  /** The first response of a type, which may have come already. */
  async first(type: string): Promise<Record<string, unknown>> {
    while (!this.types.includes(type)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.responses[this.types.indexOf(type)]!;
  }
}

function exec(cmdline: string[], more: Request = {}, flux: Flux = broker.flux): Exec {
  const sink = new Exec();
  const follower = {
    next: (response: object) => sink.next(response as { type: string }),
    end: (error?: FluxError) => sink.end(error),
  };
  sink.matchtag = flux.follow(rexec.exec, follower, requestOf(cmdline, more)).matchtag;
  return sink;
}

function attach(pid: number, flags = both, flux: Flux = broker.flux): Exec {
  const sink = new Exec();
  const follower = {
    next: (response: object) => sink.next(response as { type: string }),
    end: (error?: FluxError) => sink.end(error),
  };
  sink.matchtag = flux.follow(rexec.attach, follower, { pid, flags }).matchtag;
  return sink;
}

async function background(cmdline: string[], more: Request = {}): Promise<number> {
  const { type, pid } = await broker.flux.call(rexec.exec, requestOf(cmdline, more));
  expect(type).toBe("started");
  return pid!;
}

const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "no error",
    (error: unknown) => (error instanceof FluxError ? error.code : String(error)),
  );

test("RFC 42 exec: started, outputs, one eof a stream, finished, and ENODATA at the end", async () => {
  const run = exec(["sh", "-c", "echo out; echo err >&2; exit 2"]);
  await run.ended;
  expect(run.error).toBeUndefined();
  expect(run.text).toEqual({ stdout: "out\n", stderr: "err\n" });
  expect(run.eofs.sort()).toEqual(["stderr", "stdout"]);
  expect(run.types[0]).toBe("started");
  expect(await run.first("finished")).toEqual({ type: "finished", status: 2 << 8 });
});

test("RFC 42 exec: flags select the streams that are forwarded", async () => {
  const run = exec(["sh", "-c", "echo out; echo err >&2"], { flags: Stderr });
  await run.ended;
  expect(run.text).toEqual({ stderr: "err\n" });
  expect(run.eofs).toEqual(["stderr"]);
});

test("RFC 42 exec: failure of execvp is an error response, that of the command is not", async () => {
  const missing = exec(["/no/such/command"]);
  await missing.ended;
  expect(missing.types).toEqual([]);
  expect(missing.error).toMatchObject({
    code: "ENOENT",
    message: "error launching process: No such file or directory",
  });
  const failing = exec(["false"]);
  await failing.ended;
  expect(failing.error).toBeUndefined();
});

test("RFC 42 exec: a background request gets one response, and an error only for its start", async () => {
  const pid = await background(["sleep", "60"]);
  expect(pid).toBeGreaterThan(0);
  expect(await codeOf(background(["/no/such/command"]))).toBe("ENOENT");
  await broker.flux.call(rexec.kill, { pid, signum: 9 });
});

test("RFC 42 exec: in the background standard input is at its end", async () => {
  const pid = await background(["cat"], { flags: Waitable });
  expect(await broker.flux.call(rexec.wait, { pid })).toEqual({ status: 0 });
});

test.each<[string, Request]>([
  ["write-credit", { flags: WriteCredit }],
  ["stdio-fallthrough", { local_flags: ExecLocalFlag.Fallthrough }],
])("RFC 42 exec: %s is an error in the background", async (_name, more) => {
  expect(await codeOf(background(["true"], more))).toBe("EINVAL");
});

test("RFC 42 exec: a process group of its own, unless no-setpgrp is set", async () => {
  const groupOf = async (more: Request): Promise<boolean> => {
    const run = exec(["sh", "-c", "ps -o pgid= -p $$; echo $$"], more);
    await run.ended;
    const [group, pid] = run.text.stdout!.trim().split(/\s+/);
    return group === pid;
  };
  expect(await groupOf({})).toBe(true);
  expect(await groupOf({ local_flags: ExecLocalFlag.NoSetpgrp })).toBe(false);
});

test("RFC 42 exec: stopped is reported, continued is not", async () => {
  const run = exec(["sleep", "60"]);
  const pid = (await run.first("started")).pid as number;
  await broker.flux.call(rexec.kill, { pid, signum: 19 });
  await run.first("stopped");
  await broker.flux.call(rexec.kill, { pid, signum: 18 });
  await broker.flux.call(rexec.kill, { pid, signum: 15 });
  await run.ended;
  expect(run.types.filter((type) => type !== "output")).toEqual(["started", "stopped", "finished"]);
});

test("RFC 42 exec: the process of a client that disconnects is terminated", async () => {
  const client = broker.connect();
  const run = exec(["sleep", "60"], {}, client);
  await run.first("started");
  client.close();
  while ((await broker.flux.call(rexec.list)).procs.length > 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
});

test("RFC 42 Input Flow Control: credit is the buffer first, then what the process has taken", async () => {
  const run = exec(["cat"], {
    flags: both | WriteCredit,
    cmd: { opts: { stdin_BUFSIZE: "8192" } },
  });
  expect(await run.first("add-credit")).toEqual({
    type: "add-credit",
    channels: { stdin: 8192 },
  });
  const io = { stream: "stdin", rank: "0", data: "hello\n" };
  broker.flux.send(rexec.write, { matchtag: run.matchtag, io });
  broker.flux.send(rexec.write, {
    matchtag: run.matchtag,
    io: { stream: "stdin", rank: "0", eof: true },
  });
  await run.ended;
  expect(run.text.stdout).toBe("hello\n");
  const credits = run.responses.filter(({ type }) => type === "add-credit");
  expect(credits.map(({ channels }) => (channels as { stdin: number }).stdin)).toEqual([8192, 6]);
});

test("RFC 42 Input Flow Control: 4096 bytes and more can be borrowed before the first credit", async () => {
  const run = exec(["cat"]);
  const data = `${"x".repeat(4095)}\n`;
  broker.flux.send(rexec.write, {
    matchtag: run.matchtag,
    io: { stream: "stdin", rank: "0", data, eof: true },
  });
  await run.ended;
  expect(run.text.stdout).toBe(data);
});

test("RFC 42 Command Object: a channel is a socket whose number is in the variable of its name", async () => {
  const script = 'eval "read line <&$AUX"; eval "echo got $line >&$AUX"';
  const run = exec(["sh", "-c", script], { flags: both | Channel, cmd: { channels: ["AUX"] } });
  broker.flux.send(rexec.write, {
    matchtag: run.matchtag,
    io: { stream: "AUX", rank: "0", data: "it\n" },
  });
  await run.ended;
  expect(run.text).toEqual({ AUX: "got it\n" });
  expect(run.eofs.sort()).toEqual(["AUX", "stderr", "stdout"]);
});

test("RFC 42 Command Object: directory, label, and what the object must have", async () => {
  const run = exec(["pwd"], { cmd: { cwd: "/usr", label: "here" } });
  const twin = exec(["pwd"], { cmd: { label: "here" } });
  await Promise.all([run.ended, twin.ended]);
  expect(run.text.stdout).toBe("/usr\n");
  expect(twin.error?.message).toBe("command label is not unique");
  for (const cmd of [{ cmdline: [] }, { env: null }, { opts: null }, { label: "" }]) {
    expect(await codeOf(background(["true"], { cmd }))).toBe("EPROTO");
  }
});

test("RFC 42 I/O Object: output that is not UTF-8 is base64", async () => {
  const run = exec(["printf", "\\377\\n"]);
  await run.ended;
  const [output] = run.responses.filter(({ type }) => type === "output");
  expect(output).toMatchObject({ io: { stream: "stdout", rank: "0", encoding: "base64" } });
});

test("RFC 42 kill: by pid or label; unknown ones fail", async () => {
  const run = exec(["sleep", "60"], { cmd: { label: "sleeper" } });
  await run.first("started");
  expect(await codeOf(broker.flux.call(rexec.kill, { pid: 1, signum: 9 }))).toBe("ESRCH");
  await broker.flux.call(rexec.kill, { pid: 1, signum: 9, label: "sleeper" });
  await run.ended;
  expect(await run.first("finished")).toMatchObject({ status: 9 });
});

test("RFC 42 wait: status and retained output, once, and only of waitable processes", async () => {
  const pid = await background(["sh", "-c", "echo hi; exit 3"], { flags: Waitable });
  expect(await broker.flux.call(rexec.wait, { pid })).toEqual({
    status: 3 << 8,
    output: [{ stream: "stdout", rank: "0", data: "hi\n" }],
  });
  expect(await codeOf(broker.flux.call(rexec.wait, { pid }))).toBe("ESRCH");
  const plain = await background(["sleep", "60"]);
  expect(await codeOf(broker.flux.call(rexec.wait, { pid: plain }))).toBe("EINVAL");
  await broker.flux.call(rexec.kill, { pid: plain, signum: 9 });
});

test("RFC 42 attach: attached with the command, then output, eofs, finished and ENODATA", async () => {
  const script = "trap 'echo bye; exit 4' USR1; while :; do echo tick; sleep 0.01; done";
  const pid = await background(["sh", "-c", script]);
  const first = broker.connect();
  const dropped = attach(pid, both, first);
  expect(await dropped.first("attached")).toMatchObject({
    pid,
    cmd: { cmdline: ["sh", "-c", script] },
  });
  const busy = attach(pid);
  await busy.ended;
  expect(busy.error?.code).toBe("EBUSY");
  // The client goes, the process stays, and can be attached again.
  first.close();
  let again = attach(pid);
  while (
    await Promise.race([again.first("attached").then(() => false), again.ended.then(() => true)])
  ) {
    again = attach(pid);
  }
  await again.first("output");
  await broker.flux.call(rexec.kill, { pid, signum: 10 });
  await again.ended;
  expect(again.text.stdout).toMatch(/bye\n$/);
  expect(again.eofs.sort()).toEqual(["stderr", "stdout"]);
  expect(await again.first("finished")).toMatchObject({ status: 4 << 8 });
});

test("RFC 42 attach: a zombie is told of and reaped; what does not exist is ENOENT", async () => {
  const pid = await background(["true"], { flags: Waitable });
  while ((await broker.flux.call(rexec.list)).procs[0]?.state !== "Z") {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  const zombie = attach(pid);
  await zombie.ended;
  expect(zombie.error).toBeUndefined();
  expect(zombie.types.filter((type) => type !== "output")).toEqual(["attached", "finished"]);
  expect(zombie.eofs.sort()).toEqual(["stderr", "stdout"]);
  const gone = attach(pid);
  await gone.ended;
  expect(gone.error?.code).toBe("ENOENT");
});

test("RFC 42: requests of others than the instance owner are refused with EPERM", async () => {
  const guest = broker.connect({ userid: 1234, rolemask: 2 });
  const run = exec(["true"], {}, guest);
  await run.ended;
  expect(run.error?.code).toBe("EPERM");
  expect(await codeOf(guest.call(rexec.list))).toBe("EPERM");
});
