import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ShellBench } from "@flux-ts/testing/shell";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defineShellPlugin } from "./plugin.ts";

let bench: ShellBench;
beforeAll(async () => {
  bench = await ShellBench.open();
});
afterAll(() => bench[Symbol.asyncDispose]());

const sh = (script: string): string[] => ["sh", "-c", script];

describe("how tasks end", () => {
  test("the exit code is that of the worst task", async () => {
    const script = sh("exit $((FLUX_TASK_RANK * 3))");
    const { end, exec } = await bench.run({ command: script, ntasks: 2 });
    expect(end).toEqual({ exitCode: 3 });
    expect(exec.map(({ name }) => name)).toEqual(["shell.init", "shell.start", "shell.task-exit"]);
  });

  test("a signal counts as 128 and its number", async () => {
    const { end, exec } = await bench.run({ command: sh("kill -9 $$") });
    expect(end).toEqual({ exitCode: 137 });
    expect(exec.at(-1)?.context).toMatchObject({
      localid: 0,
      rank: 0,
      state: "Exited",
      wait_status: 9,
      signaled: 9,
      exitcode: 137,
    });
  });

  test.each([
    ["nosuch", 127, "nosuch: No such file or directory"],
    ["/etc/passwd", 126, "/etc/passwd: Permission denied"],
  ])("%s cannot be started: exit code %i and an exception", async (command, code, reason) => {
    bench.exceptions.length = 0;
    const { end, exec, logged } = await bench.run({ command: [command] });
    expect(end).toEqual({ exitCode: code });
    const host = bench.broker && (await import("node:os")).hostname();
    const note = `task 0 (host ${host}): start failed: ${reason}`;
    expect(bench.exceptions).toEqual([{ type: "exec", severity: 0, note }]);
    expect(logged).toEqual([note]);
    expect(exec.map(({ name }) => name)).toEqual(["shell.init"]);
  });

  test("exit-on-error ends the others, with the status of the task that failed", async () => {
    bench.exceptions.length = 0;
    const script = sh('test "$FLUX_TASK_RANK" = 1 && exit 3; exec sleep 100');
    const options = { "exit-on-error": 1 };
    const { end } = await bench.run({ command: script, ntasks: 2, options });
    expect(end).toEqual({ exitCode: 3 });
    const note = "sh: task rank 1 on host host0 failed (Exit 3) and exit-on-error is set";
    expect(bench.exceptions).toEqual([{ type: "exec", severity: 0, note, wait_status: 768 }]);
  });

  test("exit-timeout ends the others some time after the first", async () => {
    bench.exceptions.length = 0;
    const script = sh('test "$FLUX_TASK_RANK" = 0 && exit 0; exec sleep 100');
    const options = { "exit-timeout": 0.05 };
    await bench.run({ command: script, ntasks: 2, options });
    const note = "sh: task rank 0 on host host0 exited (Exit 0) and exit-timeout=50ms has expired";
    expect(bench.exceptions).toMatchObject([{ note }]);
  });
});

describe("signals", () => {
  test("a kill event reaches tasks, even if it comes before they have started", async () => {
    const run = await bench.start({ command: ["sleep", "100"], ntasks: 2 });
    run.shell.deliverEvent("kill", () => ({ signum: 10 }));
    expect((await run.finished()).end).toEqual({ exitCode: 138 });
  });

  test("a shell that is killed takes its tasks along and says nothing", async () => {
    bench.exceptions.length = 0;
    const run = await bench.start({ command: ["sleep", "100"] });
    await run.shell.started;
    const [task] = run.shell.tasks;
    run.shell.abort(9);
    expect((await run.finished()).end).toEqual({ signum: 9 });
    await expect.poll(() => task!.status).toBe(9);
    expect(bench.exceptions).toEqual([]);
  });
});

describe("what tasks find", () => {
  test("variables tell the job, the task and PMI", async () => {
    const names = ["FLUX_JOB_SIZE", "FLUX_JOB_NNODES", "FLUX_TASK_RANK", "FLUX_TASK_LOCAL_ID"];
    const more = ["PMI_RANK", "PMI_SIZE", "PMI_FD", "FLUX_KVS_NAMESPACE", "HOSTNAME", "MINE"];
    const script = `echo ${[...names, ...more].map((name) => `$${name}`).join(" ")}`;
    const environment = { MINE: "x", HOSTNAME: "wrong" };
    const run = await bench.start({ command: sh(script), ntasks: 2, environment });
    const finished = await run.finished();
    const host = (await import("node:os")).hostname();
    expect(finished.text("stdout", 1)).toBe(`2 1 1 1 1 2 3 job-${run.id} ${host} x\n`);
  });

  test("each job has a directory of its own, which goes when it ends", async () => {
    const script = sh('cd "$FLUX_JOB_TMPDIR" && pwd && stat -c %a . && touch file');
    const { stdout } = await bench.run({ command: script });
    const [path, mode] = stdout.trim().split("\n") as [string, string];
    expect(path.startsWith(`${bench.directory}/jobtmp-0-ƒ`)).toBe(true);
    expect(mode).toBe("700");
    await expect
      .poll(() => readdirSync(bench.directory).filter((name) => /^job/.test(name)))
      .toEqual([]);
  });

  test("files of the jobspec are in it", async () => {
    const files = {
      "a/script": { mode: 0o100755, encoding: "utf-8", data: "#!/bin/sh\necho from script\n" },
      "conf.json": { mode: 0o100600, data: { key: [1, 2] } },
      link: { mode: 0o120777, data: "conf.json" },
    };
    const command = sh("{{tmpdir}}/a/script; cat {{tmpdir}}/link");
    const { stdout } = await bench.run({ command, system: { files } });
    expect(stdout).toBe('from script\n{"key":[1,2]}');
  });

  test("templates are filled in, unknown tags stay", async () => {
    const command = ["echo", "{{id.dec}} {{name}} {{ntasks}} {{task.id}} {{node.name}} {{what}}"];
    const run = await bench.start({ command, ntasks: 2, system: { job: { name: "me" } } });
    const finished = await run.finished();
    expect(finished.text("stdout", 1)).toBe(`${run.id} me 2 1 host0 {{what}}\n`);
  });

  test("a directory that cannot be entered is said, and /tmp taken", async () => {
    const { stdout, logged } = await bench.run({ command: ["pwd"], system: { cwd: "/none" } });
    expect(stdout).toBe("/tmp\n");
    expect(logged.join()).toMatch(/Could not change dir to \/none: No such file.*\/tmp instead/);
  });

  test("soft limits are those of the submitter", async () => {
    const options = { rlimit: { nofile: 200, core: 0 } };
    const { stdout } = await bench.run({ command: sh("ulimit -n; ulimit -c"), options });
    expect(stdout).toBe("200\n0\n");
  });
});

describe("standard input", () => {
  test("what is sent to the service is for all tasks or some, until the end", async () => {
    const run = await bench.start({ command: ["cat"], ntasks: 2 });
    const send = (io: object): Promise<unknown> =>
      bench.flux.rpc(`${run.shell.service.name}.stdin`, { stream: "stdin", ...io });
    await expect.poll(async () => (await run.log("exec.eventlog")).length).toBeGreaterThan(0);
    await send({ rank: "all", data: "both\n" });
    await send({ rank: "1", data: "one\n", eof: true });
    await expect(send({ rank: "1", data: "late\n" })).rejects.toMatchObject({ code: "EPIPE" });
    await send({ rank: "all", eof: true });
    const finished = await run.finished();
    expect([0, 1].map((rank) => finished.text("stdout", rank))).toEqual(["both\n", "both\none\n"]);
    expect(finished.input.map(({ name }) => name)).toEqual(["header", "data", "data", "data"]);
  });

  test("a file is read by each task from its start", async () => {
    const options = { input: { stdin: { type: "file", path: "/etc/passwd" } } };
    const finished = await bench.run({ command: ["cat"], ntasks: 2, options });
    const text = readFileSync("/etc/passwd", "utf8");
    expect([0, 1].map((rank) => finished.text("stdout", rank))).toEqual([text, text]);
    expect(finished.input.at(-1)).toMatchObject({
      name: "redirect",
      context: { stream: "stdin", rank: "all", path: "/etc/passwd" },
    });
  });
});

describe("output to files", () => {
  const file = (name: string): string => readFileSync(join(bench.directory, name), "utf8");
  const to = (path: string, more: object = {}) => ({
    output: { stdout: { type: "file", path: join(bench.directory, path), ...more } },
  });

  test("one file for all tasks, with labels, or one for each", async () => {
    const command = sh("echo $FLUX_TASK_RANK; echo more");
    await bench.run({ command, ntasks: 2, options: to("all", { label: true }) });
    const lines = file("all").trim().split("\n").sort();
    expect(lines).toEqual(["0: 0", "0: more", "1: 1", "1: more"]);
    await bench.run({ command, ntasks: 2, options: to("out.{{taskid}}") });
    expect([file("out.0"), file("out.1")]).toEqual(["0\nmore\n", "1\nmore\n"]);
  });

  test("files are truncated, or appended to", async () => {
    const { output } = to("mode");
    for (const mode of ["truncate", "append", "append"]) {
      await bench.run({ command: ["echo", mode], options: { output: { ...output, mode } } });
    }
    expect(file("mode")).toBe("truncate\nappend\nappend\n");
    await bench.run({ command: ["echo", "x"], options: to("mode") });
    expect(file("mode")).toBe("x\n");
  });

  test("standard error follows standard output, and so does the shell's log", async () => {
    const { output, data } = await bench.run({ command: ["nosuch"], options: to("log") });
    expect(file("log")).toMatch(/^flux-shell\[0\]: FATAL: task 0 .*nosuch: No such file/);
    expect(data).toEqual([]);
    expect(output.map(({ name }) => name)).toEqual(["header", "redirect", "redirect"]);
  });

  test("a file that cannot be opened ends the job before its tasks run", async () => {
    bench.exceptions.length = 0;
    const { end } = await bench.run({ command: ["true"], options: to("none/none") });
    expect(end).toEqual({ exitCode: 1 });
    expect(bench.exceptions[0]?.note).toMatch(/^error opening output file .*No such file/);
  });
});

test("a short job asks the broker for nothing: its logs go to job-exec with its end", async () => {
  const before = bench.flux.counters.tx.request;
  const run = await bench.start({ command: ["true"] });
  await run.ended;
  expect(bench.flux.counters.tx.request - before).toBe(0);
  expect(Object.keys(run.shell.remainingLogs ?? {}).sort()).toEqual([
    "exec.eventlog",
    "input",
    "output",
  ]);
});

test("megabytes of output arrive, in order and complete", async () => {
  const { stdout } = await bench.run({ command: ["seq", "1", "20000"] });
  expect(stdout.length).toBe(108_894);
  expect(stdout.endsWith("19999\n20000\n")).toBe(true);
});

test("above the limit output is dropped, and that is said", async () => {
  const options = { output: { limit: 5 } };
  const { stdout, logged } = await bench.run({ command: ["seq", "1", "9"], options });
  expect(stdout).toBe("1\n2\n");
  expect(logged).toEqual([
    "stdout will be truncated, 5 limit exceeded",
    "stdout: 13 of 18 bytes truncated",
  ]);
});

test("tasks on a terminal: what it shows is output", async () => {
  const command = sh("test -t 0 && stty size; echo err >&2");
  const { stdout, data } = await bench.run({ command, options: { pty: 1 } });
  expect(stdout).toBe("25 80\r\nerr\r\n");
  expect(data.filter(({ eof }) => eof).map(({ stream }) => stream)).toEqual(["stdout", "stderr"]);
});

test("a PMI client gets what the shell knows, and what tasks put", async () => {
  const script = `
    ask() { echo "cmd=$1" >&3; read -r line <&3; echo "$line"; }
    ask "init pmi_version=1 pmi_subversion=1"
    ask "put kvsname=x key=k$PMI_RANK value=v$PMI_RANK"
    ask barrier_in
    ask "get kvsname=x key=k0"; ask "get kvsname=x key=k1"
    ask "get kvsname=x key=PMI_process_mapping"
    ask finalize`;
  const finished = await bench.run({ command: sh(script), ntasks: 2 });
  expect(finished.text("stdout", 1).trim().split("\n")).toEqual([
    "cmd=response_to_init rc=0 pmi_version=1 pmi_subversion=1",
    "cmd=put_result rc=0",
    "cmd=barrier_out rc=0",
    "cmd=get_result rc=0 value=v0",
    "cmd=get_result rc=0 value=v1",
    "cmd=get_result rc=0 value=(vector,(0,1,2))",
    "cmd=finalize_ack rc=0",
  ]);
});

test("a PMI abort raises an exception", async () => {
  bench.exceptions.length = 0;
  const run = await bench.start({ command: sh("echo cmd=abort exitcode=2 >&3; exec sleep 100") });
  await expect.poll(() => bench.exceptions.length).toBe(1);
  expect(bench.exceptions[0]).toEqual({ type: "exec", severity: 0, note: "PMI_Abort: aborted" });
  run.shell.killAll(9);
  await run.finished();
});

describe("plugins", () => {
  test("a plugin is called at each step, in order", async () => {
    const calls: string[] = [];
    const plugin = defineShellPlugin({
      name: "spy",
      load: (shell) => ({
        "shell.init": () => void calls.push(`init ${shell.ntasks}`),
        "shell.post-init": async () => void calls.push("post-init"),
        "task.init"(task) {
          calls.push(`task.init ${task.rank}`);
          task.env.WHO = `task${task.rank}`;
        },
        "task.fork": (task) => void calls.push(`task.fork ${task.pid > 0}`),
        "shell.start": () => void calls.push("start"),
        "task.exit": (task) => void calls.push(`task.exit ${task.exitCode}`),
        "shell.finish": () => void calls.push("finish"),
        "shell.tasks-complete": () => void calls.push("tasks-complete"),
        "shell.exit": () => void calls.push("exit"),
        mustache: { greet: () => "moin" },
      }),
    });
    const command = sh("echo {{greet}} $WHO; exit 2");
    const { stdout } = await bench.run({ command, plugins: [plugin] });
    expect(stdout).toBe("moin task0\n");
    expect(calls).toEqual([
      "init 1",
      "post-init",
      "task.init 0",
      "task.fork true",
      "start",
      "task.exit 2",
      "tasks-complete",
      "finish",
      "exit",
    ]);
  });

  test("one of the same name takes the place of a built-in one", async () => {
    const quiet = defineShellPlugin({ name: "pmi", load: () => undefined });
    const script = sh("echo $" + "{PMI_FD-none}");
    const { stdout } = await bench.run({ command: script, plugins: [quiet] });
    expect(stdout).toBe("none\n");
  });

  test("one that fails at first ends the job, later it is logged", async () => {
    bench.exceptions.length = 0;
    const failing = (topic: "shell.init" | "task.exit") =>
      defineShellPlugin({
        name: "failing",
        load: () => ({
          [topic]() {
            throw new Error(`no ${topic}`);
          },
        }),
      });
    const first = await bench.run({ command: ["true"], plugins: [failing("shell.init")] });
    expect(first.end).toEqual({ exitCode: 1 });
    expect(bench.exceptions).toMatchObject([{ note: "no shell.init" }]);
    const later = await bench.run({ command: ["true"], plugins: [failing("task.exit")] });
    expect(later.end).toEqual({ exitCode: 0 });
    expect(later.logged).toEqual(["no task.exit"]);
  });
});
