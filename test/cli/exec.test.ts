import { type Ended, fluxCommand, Instance, notBuilt } from "@flux-ts/testing/instance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withFlux } from "./with-flux.ts";

describe.skipIf(notBuilt)("flux exec", () => {
  let instance: Instance;
  beforeAll(async () => {
    instance = await Instance.start({ size: 3 });
  });
  afterAll(() => instance?.stop());

  const exec = (...args: string[]): Promise<Ended> => instance.run(fluxCommand, ["exec", ...args]);
  const sorted = (text: string): string[] => text.trimEnd().split("\n").sort();

  test("runs a command on all ranks, or those that are chosen", async () => {
    const ranks = async (...args: string[]) =>
      sorted((await exec("-n", ...args, "flux", "getattr", "rank")).stdout);
    expect(await ranks()).toEqual(["0", "1", "2"]);
    expect(await ranks("-r", "1-2")).toEqual(["1", "2"]);
    expect(await ranks("-x", "1")).toEqual(["0", "2"]);
  });

  test("labels lines with the rank, on both streams", async () => {
    const { stdout, stderr } = await exec("-ln", "sh", "-c", "echo out; echo err >&2");
    expect(sorted(stdout)).toEqual(["0: out", "1: out", "2: out"]);
    expect(sorted(stderr)).toEqual(["0: err", "1: err", "2: err"]);
  });

  test("its status is the highest, and failures are told by how and where", async () => {
    const script = "exit $(flux getattr rank)";
    expect(await exec("-n", "sh", "-c", script)).toMatchObject({
      status: 2,
      stderr: "1: Exit 1\n2: Exit 2\n",
    });
    expect(await exec("-nq", "sh", "-c", script)).toMatchObject({ status: 2, stderr: "" });
    expect(await exec("-n", "sh", "-c", "kill -9 $$")).toMatchObject({
      status: 137,
      stderr: "[0-2]: Killed\n",
    });
  });

  test("a program that is not there is 127", async () => {
    const { status, stderr } = await exec("-n", "-r1", "nosuchprogram");
    expect(status).toBe(127);
    expect(stderr).toMatch(/^flux-exec: Error: rank 1: nosuchprogram: .*No such file/);
  });

  test("ranks that are not there are refused", async () => {
    expect(await exec("-r9", "true")).toMatchObject({
      status: 1,
      stderr: "flux-exec: One or more invalid --ranks specified: 9\n",
    });
    expect((await exec("-r0", "-x0", "true")).stderr).toBe("flux-exec: No targets specified\n");
  });

  test("input goes to every process, whatever its size", async () => {
    // More than the processes have room for at once.
    const input = `${"x".repeat(1023)}\n`.repeat(6000);
    const { stdout, status } = await instance.run(
      fluxCommand,
      ["exec", "-r1-2", "sh", "-c", "md5sum; sleep 0"],
      input,
    );
    const [first, second] = stdout.trimEnd().split("\n");
    expect([status, first]).toEqual([0, second]);
    const { stdout: sum } = await instance.run("md5sum", [], input);
    expect(first).toBe(sum.trimEnd());
  });

  test("processes start where the command is, or in another folder", async () => {
    expect((await exec("-nr1", "pwd")).stdout).toBe(`${process.cwd()}\n`);
    expect((await exec("-nr1", "-d/", "pwd")).stdout).toBe("/\n");
  });

  test("in the background a process is named by its pid or label", async () => {
    const started = await exec("--bg", "-r1-2", "--label=sleeper", "sleep", "300");
    expect(sorted(started.stdout)).toEqual([
      expect.stringMatching(/^1: \d+$/),
      expect.stringMatching(/^2: \d+$/),
    ]);
    const again = await exec("--bg", "-r1", "--label=sleeper", "true");
    expect(again.stderr).toContain("command label is not unique");
    for (const line of started.stdout.trimEnd().split("\n")) {
      const [rank, pid] = line.split(": ");
      await exec("-n", `-r${rank}`, "kill", "-9", pid!);
    }
    expect((await exec("--attach", "1")).stderr).toContain("--attach by pid requires a single");
    expect((await exec("--waitable", "true")).stderr).toContain("can only be used with --bg");
  });

  test("an attached process goes on when the command is interrupted", async () => {
    const script = `
      flux exec --bg -r1 --label=stays sh -c 'echo on; exec sleep 300' >/dev/null
      flux exec -nr1 --attach stays & command=$!
      sleep 1; kill -INT $command; wait $command; echo status $?
      flux exec -nr1 pkill -9 -f 'sleep 300'`;
    const { stdout, stderr } = await instance.run("bash", ["-c", withFlux(script)]);
    expect(stdout).toContain("status 0\n");
    expect(stderr).toContain("detached; use 'flux sproc kill stays' to signal it\n");
  });

  test("signals reach the processes", async () => {
    const script = `
      touch up
      flux exec -n -r0-1 sh -c 'trap "exit 7" TERM; echo up; while :; do sleep 0.1; done' >up & command=$!
      until [ "$(wc -l <up)" = 2 ]; do sleep 0.1; done
      kill -TERM $command; wait $command; echo status $?; rm up`;
    const inFolder = `cd "$(mktemp -d)"; ${script}; rmdir "$PWD"`;
    const { stdout, stderr } = await instance.run("bash", ["-c", withFlux(inFolder)]);
    expect(stdout).toBe("status 7\n");
    expect(stderr).toContain("[0-1]: Exit 7\n");
  });

  test("beside a job's tasks, on its ranks", async () => {
    const id = (await instance.flux(["submit", "-N2", "-n2", "sleep", "300"])).trim();
    await instance.flux(["job", "wait-event", id, "start"]);
    const ranks = (await instance.flux(["jobs", "-no", "{ranks}", id])).trim();
    const inJob = await exec("-ln", "-j", id, "sh", "-c", "echo here");
    expect(inJob.status).toBe(0);
    expect(sorted(inJob.stdout)).toHaveLength(2);
    expect(sorted((await exec("-ln", "-r", ranks, "echo", "here")).stdout)).toEqual(
      sorted(inJob.stdout),
    );
    expect((await exec("-j", id, "-r2", "true")).stderr).toContain("invalid --ranks specified: 2");
    await instance.flux(["cancel", id]);
    await instance.flux(["job", "wait-event", id, "clean"]);
    expect((await exec("-j", id, "true")).stderr).toContain(`job ${id} is not currently running`);
    expect((await exec("-j", "f1", "true")).stderr).toContain("job f1 not found");
  });
});
