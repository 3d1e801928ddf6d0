// The main job, as a person does it: real commands in a real instance of two brokers.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fluxCommand, Instance, notBuilt } from "@flux-ts/testing/instance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileMpi } from "./compile-mpi.ts";
import { withFlux } from "./with-flux.ts";

describe.skipIf(notBuilt)("jobs in an instance of two brokers", () => {
  let instance: Instance;
  const folder = mkdtempSync(join(tmpdir(), "flux-jobs-"));
  beforeAll(async () => {
    instance = await Instance.start({ size: 2 });
  });
  afterAll(async () => {
    await instance?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const flux = (...args: string[]) => instance.run(fluxCommand, args);
  const shell = (script: string) => instance.run("sh", ["-c", withFlux(script)]);
  const ok = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await flux(...args);
    expect(stderr).toBe("");
    expect(status).toBe(0);
    return stdout;
  };

  test("a parallel job on both brokers: a labelled line from each task", async () => {
    const lines = (await ok("run", "-N2", "-n4", "--label-io", "hostname")).trim().split("\n");
    expect(lines.map((line) => line.split(":")[0]).sort()).toEqual(["0", "1", "2", "3"]);
  });

  test("a task's exit code is the command's, and a signal's is 128 and its number", async () => {
    expect((await flux("run", "sh", "-c", "exit 3")).status).toBe(3);
    expect((await flux("run", "sh", "-c", "kill -9 $$")).status).toBe(137);
    expect((await flux("run", "nosuchcommand")).status).toBe(127);
    expect((await flux("run", "-t", "0.5s", "sleep", "30")).status).toBe(142);
  });

  test("submitted jobs are listed with how they ended", async () => {
    const id = (await ok("submit", "--wait", "--job-name=good", "true")).trim();
    await flux("submit", "--wait", "--job-name=bad", "false");
    const list = await ok("jobs", "-a", "-n", "-o", "{id.f58} {name} {status_abbrev}");
    expect(list).toContain(`${id} good CD\n`);
    expect(list).toMatch(/ bad F\n/);
  });

  test("a job that waits for another starts after it", async () => {
    const first = (await ok("submit", "sleep", "0.2")).trim();
    const second = (await ok("submit", `--dependency=afterok:${first}`, "true")).trim();
    await ok("job", "wait-event", second, "clean");
    const time = async (id: string, event: string): Promise<number> =>
      Number((await ok("job", "wait-event", id, event)).split(" ")[0]);
    expect(await time(second, "start")).toBeGreaterThan(await time(first, "finish"));
  });

  test("a cancelled job ends, and says so", async () => {
    const id = (await ok("submit", "-N2", "-n2", "sleep", "300")).trim();
    await ok("job", "wait-event", id, "start");
    await ok("cancel", id);
    await ok("job", "wait-event", id, "clean");
    expect(await ok("jobs", "-n", "-o", "{status}", id)).toBe("CANCELED\n");
  });

  test("standard input reaches all tasks, output goes to files by template", async () => {
    const script = `seq 3 | flux run -n2 --label-io cat | sort`;
    const { stdout } = await shell(script);
    expect(stdout).toBe("0: 1\n0: 2\n0: 3\n1: 1\n1: 2\n1: 3\n");
    const path = join(folder, "out-{{taskid}}.txt");
    await flux("run", "-n2", `--output=${path}`, "sh", "-c", "echo task $FLUX_TASK_RANK");
    const files = await shell(`cat ${folder}/out-0.txt ${folder}/out-1.txt`);
    expect(files.stdout).toBe("task 0\ntask 1\n");
  });

  const mpi = compileMpi("mpi-hello.c", folder);
  test.skipIf(!mpi)("MPI programs of MPICH run: an all-reduce over two brokers", async () => {
    const out = await ok("run", "-N2", "-n4", mpi!);
    expect(out.trim().split("\n").sort()).toEqual(
      [0, 1, 2, 3].map((rank) => `hello from ${rank} of 4, sum 6`),
    );
  });
});
