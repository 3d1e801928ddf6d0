import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { afterAll, expect, test } from "vitest";
import { devNull } from "./child-fds.ts";
import { EnvBlock } from "./env-block.ts";
import { FdReader } from "./fd-reader.ts";
import { closeFd, openPipe } from "./pipe.ts";
import { rlimit } from "./rlimit.ts";
import { BadDirectoryError, type SpawnRequest, spawn, spawnSync } from "./spawn.ts";
import { watchChild } from "./wait.ts";

const directory = mkdtempSync(join(tmpdir(), "spawn-"));
afterAll(() => rmSync(directory, { recursive: true }));

const env = { PATH: "/usr/bin:/bin" };
const start = { spawn, spawnSync: async (request: SpawnRequest) => spawnSync(request) };

/** Run a command and return what it printed and its wait status. */
async function run(
  argv: string[],
  options: Partial<SpawnRequest> = {},
  how: (request: SpawnRequest) => Promise<number> = spawn,
): Promise<{ text: string; status: number }> {
  const { read, write } = openPipe();
  let text = "";
  const ended = new Promise<void>((resolve) => {
    const onData = (data: Uint8Array): void => {
      text += new TextDecoder().decode(data);
    };
    new FdReader(read, { onData, onEnd: () => resolve() }).resume();
  });
  try {
    const pid = await how({ argv, env, fds: [devNull, write, write], ...options });
    const status = new Promise<number>((onExit) => watchChild(pid, { onExit }));
    closeFd(write);
    await ended;
    return { text, status: await status };
  } catch (error) {
    closeFd(write);
    throw error;
  }
}

test.each(Object.entries(start))(
  "%s runs a command and its exit code is reported",
  async (_, how) => {
    const { text, status } = await run(["sh", "-c", "echo é; exit 3"], {}, how);
    expect(text).toBe("é\n");
    expect(status).toBe(3 << 8);
  },
);

test("a process that a signal ended has that signal in its status", async () => {
  expect((await run(["sh", "-c", "kill -9 $$"])).status).toBe(9);
});

test("many processes at a time all end with their own status", async () => {
  const codes = Array.from({ length: 60 }, (_, i) => i);
  const statuses = await Promise.all(codes.map((code) => run(["sh", "-c", `exit ${code}`])));
  expect(statuses.map(({ status }) => status >> 8)).toEqual(codes);
});

test("a command that does not exist fails with ENOENT, one that may not be executed with EACCES", async () => {
  const file = join(directory, "not-executable");
  writeFileSync(file, "");
  const caught = async (argv: string[], path: string): Promise<unknown> =>
    spawn({ argv, env: { PATH: path }, fds: [] }).catch((error: unknown) => error);
  expect(isErrno(await caught(["no-such-command"], env.PATH), "ENOENT")).toBe(true);
  expect(isErrno(await caught(["/no/such/command"], env.PATH), "ENOENT")).toBe(true);
  expect(isErrno(await caught([directory], env.PATH), "EACCES")).toBe(true);
  expect(isErrno(await caught(["not-executable"], `/nowhere:${directory}`), "EACCES")).toBe(true);
});

test("PATH of the child's environment is searched, past entries that cannot be executed", async () => {
  const file = join(directory, "tool");
  writeFileSync(file, "#!/bin/sh\necho found $1\n");
  chmodSync(file, 0o755);
  const path = `/nowhere:${directory}`;
  expect((await run(["tool", "it"], { env: { PATH: path } })).text).toBe("found it\n");
  expect((await run(["tool", "it"], { env: { PATH: "" }, cwd: directory })).text).toBe(
    "found it\n",
  );
  expect((await run(["./tool", "it"], { cwd: directory })).text).toBe("found it\n");
});

test("a script without an interpreter line is ENOEXEC: no shell steps in", async () => {
  const file = join(directory, "script");
  writeFileSync(file, 'echo plain "$1"\n');
  chmodSync(file, 0o755);
  const error = await run([file]).catch((error: unknown) => error);
  expect(isErrno(error, "ENOEXEC")).toBe(true);
});

test("the child has the directory and environment given, nothing of ours", async () => {
  expect((await run(["/bin/pwd"], { cwd: "/usr" })).text).toBe("/usr\n");
  const block = EnvBlock.of({ PATH: env.PATH, A: "1", B: "2" });
  const varied = block.with({ B: "3", C: "ü=" });
  expect((await run(["/usr/bin/env"], { env: varied })).text).toBe(
    `PATH=${env.PATH}\nA=1\nB=3\nC=ü=\n`,
  );
  expect((await run(["/usr/bin/env"], { env: block })).text).toBe(`PATH=${env.PATH}\nA=1\nB=2\n`);
});

test("a directory that cannot be entered is told apart from a missing command", async () => {
  const error = await run(["true"], { cwd: "/no/such/dir" }).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(BadDirectoryError);
  expect(isErrno(error, "ENOENT")).toBe(true);
});

test("the child has the descriptors given and no others, however they overlap", async () => {
  const one = join(directory, "one");
  const two = join(directory, "two");
  const open = (path: string) => ({ path, flags: 0o101 });
  const { read, write } = openPipe();
  const script = "echo 1 >&3; echo 2 >&4; exec ls /proc/self/fd >&5";
  const fds = [devNull, devNull, devNull, open(one), open(two), write];
  const pid = await spawn({ argv: ["sh", "-c", script], env, fds });
  closeFd(write);
  let text = "";
  await new Promise<void>((resolve) => {
    const onData = (data: Uint8Array): void => {
      text += new TextDecoder().decode(data);
    };
    new FdReader(read, { onData, onEnd: () => resolve() }).resume();
  });
  await new Promise<number>((onExit) => watchChild(pid, { onExit }));
  expect(readFileSync(one, "utf8")).toBe("1\n");
  expect(readFileSync(two, "utf8")).toBe("2\n");
  // The last is the directory that ls reads.
  expect(text).toBe("0\n1\n2\n3\n4\n5\n6\n");
});

test("the child leads a process group or session of its own, or stays in ours", async () => {
  const script = "ps -o pgid=,sid=,pid= -p $$";
  const ids = async (group: SpawnRequest["group"]) =>
    (await run(["sh", "-c", script], { group })).text.trim().split(/ +/);
  const own = await ids("own");
  expect(own[0]).toBe(own[2]);
  expect(own[1]).not.toBe(own[2]);
  const session = await ids("session");
  expect(session.slice(0, 2)).toEqual([session[2], session[2]]);
  const inherited = await ids("inherit");
  expect(inherited[0]).not.toBe(inherited[2]);
});

test("no signal is ignored or blocked in the child, though Node ignores SIGPIPE", async () => {
  const { text } = await run(["grep", "-E", "^Sig(Ign|Blk)", "/proc/self/status"]);
  const [blocked, ignored] = [...text.matchAll(/\t([0-9a-f]{16})/g)].map((m) =>
    BigInt(`0x${m[1]}`),
  );
  expect(blocked).toBe(0n);
  // The C library ignores signals 32 and 33, which are its own.
  expect(ignored! & 0x7fff_ffffn).toBe(0n);
});

test("soft resource limits hold in the child only, lowered or not", async () => {
  const before = { core: rlimit("core"), nofile: rlimit("nofile") };
  const rlimits = { core: 0, nofile: 64, stack: 4 << 20 };
  const { text } = await run(["sh", "-c", "ulimit -c; ulimit -n; ulimit -s"], { rlimits });
  expect(text).toBe("0\n64\n4096\n");
  expect({ core: rlimit("core"), nofile: rlimit("nofile") }).toEqual(before);
});

test("a limited child that does not exist still fails with ENOENT", async () => {
  const error = await run(["no-such-command"], { rlimits: { nofile: 64 } }).catch(
    (e: unknown) => e,
  );
  expect(isErrno(error, "ENOENT")).toBe(true);
});

test("strings that C cannot hold are refused with EINVAL", async () => {
  const refused = async (options: Partial<SpawnRequest>, argv = ["true"]) =>
    isErrno(await run(argv, options).catch((error: unknown) => error), "EINVAL");
  expect(await refused({}, ["true", "a\0b"])).toBe(true);
  expect(await refused({}, [])).toBe(true);
  expect(await refused({ env: { A: "x\0" } })).toBe(true);
  expect(await refused({ env: { "A=B": "x" } })).toBe(true);
});

test("arguments beyond the system's limit fail with E2BIG", async () => {
  const error = await run(["true", "x".repeat(300_000)]).catch((error: unknown) => error);
  expect(isErrno(error, "E2BIG")).toBe(true);
});
