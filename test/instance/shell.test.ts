// Job shells on several brokers that are processes: what one broker cannot show.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fluxCommand, Instance, notBuilt } from "@flux-ts/testing/instance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let instance: Instance;
let directory: string;

const run = (...args: string[]) => instance.run(fluxCommand, ["run", ...args]);
const sorted = (text: string): string[] => text.trim().split("\n").sort();

describe.skipIf(notBuilt)("shells of one job", () => {
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), "flux-shells-"));
    instance = await Instance.start({ size: 4 });
  });
  afterAll(async () => {
    await instance?.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  test("run their tasks, and the leader keeps the output of all", async () => {
    const script = "echo task $FLUX_TASK_RANK of $FLUX_JOB_SIZE, $FLUX_TASK_LOCAL_ID here";
    const { status, stdout } = await run("-N4", "-n8", "--label-io", "sh", "-c", script);
    expect(status).toBe(0);
    const expected = Array.from({ length: 8 }, (_, rank) => {
      return `${rank}: task ${rank} of 8, ${rank % 2} here`;
    });
    expect(sorted(stdout)).toEqual(expected);
  });

  test("end with the worst exit code, wherever that was", async () => {
    const script = "exit $((FLUX_TASK_RANK == 3 ? 7 : 0))";
    const { status, stderr } = await run("-N4", "-n4", "sh", "-c", script);
    expect(status).toBe(7);
    expect(stderr).toContain("task(s) exited with exit code 7");
  });

  test("share standard input", async () => {
    const args = ["run", "-N3", "-n3", "--label-io", "cat"];
    const { stdout } = await instance.run(fluxCommand, args, "hello\n");
    expect(sorted(stdout)).toEqual(["0: hello", "1: hello", "2: hello"]);
  });

  test("write to one file with labels, or each to its own", async () => {
    const script = ["sh", "-c", "echo from $FLUX_TASK_RANK"];
    const all = join(directory, "all");
    await run("-N2", "-n2", "--label-io", `--output=${all}`, ...script);
    expect(sorted(readFileSync(all, "utf8"))).toEqual(["0: from 0", "1: from 1"]);
    await run("-N2", "-n2", `--output=${directory}/node.{{node.id}}`, ...script);
    const own = [0, 1].map((node) => readFileSync(join(directory, `node.${node}`), "utf8"));
    expect(own).toEqual(["from 0\n", "from 1\n"]);
  });

  test("lay tasks out as asked", async () => {
    const script = ["sh", "-c", "echo {{node.id}}"];
    const { stdout } = await run("-N2", "-n4", "--taskmap=cyclic", "--label-io", ...script);
    expect(sorted(stdout)).toEqual(["0: 0", "1: 1", "2: 0", "3: 1"]);
  });

  test("exchange what tasks put into the PMI store", async () => {
    const script = `
      ask() { echo "cmd=$1" >&3; read -r line <&3; }
      ask "init pmi_version=1 pmi_subversion=1"
      ask "put kvsname=x key=k$PMI_RANK value=from-$PMI_RANK"; ask barrier_in
      for rank in 0 1 2 3; do ask "get kvsname=x key=k$rank"; echo "$line"; done
      ask finalize`;
    const { stdout } = await run("-N4", "-n4", "--label-io", "sh", "-c", script);
    const lines = [0, 1, 2, 3].flatMap((task) => {
      return [0, 1, 2, 3].map((rank) => `${task}: cmd=get_result rc=0 value=from-${rank}`);
    });
    expect(sorted(stdout)).toEqual(lines);
  });

  test("end together when a task cannot be started on one of them", async () => {
    const program = join(directory, "program");
    writeFileSync(program, "no program", { mode: 0o600 });
    const { status, stderr } = await run("-N2", "-n2", program);
    expect(status).toBe(126);
    expect(stderr).toMatch(/task [01] \(host .*\): start failed: .*Permission denied/);
  });

  test("signal their tasks when the job is canceled, and leave nothing behind", async () => {
    const id = (await instance.flux(["submit", "-N2", "-n2", "sleep", "100"])).trim();
    const wait = ["job", "wait-event", "-W", "-p", "guest.exec.eventlog", id, "shell.start"];
    await instance.flux(wait);
    await instance.flux(["cancel", id]);
    const { status } = await instance.run(fluxCommand, ["job", "attach", id]);
    expect(status).toBe(143);
  });

  test("run in a process of their own when their options ask for it, with the same result", async () => {
    const plugin = join(directory, "plugin.mjs");
    writeFileSync(
      plugin,
      `export default { name: "greet", load: (shell) => ({
        "shell.init"() { shell.env.set("GREETING", "moin from " + shell.rank); },
      }) };`,
    );
    const script = ["sh", "-c", "echo $GREETING"];
    const { stdout } = await run("-N2", "-n2", "-o", `userrc=${plugin}`, ...script);
    expect(sorted(stdout)).toEqual(["moin from 0", "moin from 1"]);
  });

  test("hosted by a process that is killed: the job fails, its tasks go, the next one runs", async () => {
    const mark = join(directory, "pid");
    const script = ["sh", "-c", `echo $PPID $$ > ${mark}; exec sleep 100`];
    const id = (await instance.flux(["submit", "-n1", ...script])).trim();
    await expect.poll(() => readdirSync(directory).includes("pid")).toBe(true);
    await expect.poll(() => readFileSync(mark, "utf8").trim()).toMatch(/^\d+ \d+$/);
    const [host, task] = readFileSync(mark, "utf8").trim().split(" ").map(Number);
    process.kill(host!, "SIGKILL");
    const { status, stderr } = await instance.run(fluxCommand, ["job", "attach", id]);
    expect(status).not.toBe(0);
    expect(stderr).toContain("node-failure");
    // The broker reaps it a while after it has ended.
    await expect.poll(() => isRunning(task!), { timeout: 20_000 }).toBe(false);
    expect((await run("-n1", "echo", "again")).stdout).toBe("again\n");
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
