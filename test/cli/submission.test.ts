// Many jobs at once, and instances as jobs: real commands in a real instance.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fluxCommand, Instance, notBuilt } from "@flux-ts/testing/instance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withFlux } from "./with-flux.ts";

describe.skipIf(notBuilt)("submitting", () => {
  let instance: Instance;
  const folder = mkdtempSync(join(tmpdir(), "flux-submission-"));
  beforeAll(async () => {
    instance = await Instance.start();
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
  const sorted = (text: string): string[] => text.trim().split("\n").sort();

  test("--cc makes copies that know their number; --watch copies their output", async () => {
    const out = await ok("submit", "--quiet", "--cc=1-3", "--watch", "printenv", "FLUX_JOB_CC");
    expect(sorted(out)).toEqual(["1", "2", "3"]);
    const { status, stdout, stderr } = await flux("submit", "--watch", "sh", "-c", "exit 3");
    expect(status).toBe(3);
    expect(stdout).toMatch(/^ƒ\w+\n$/u);
    expect(stderr).toBe("");
  });

  test("what cannot be submitted is told, with status 1", async () => {
    const { status, stderr } = await flux("submit", "--ntasks=-1", "true");
    expect(status).toBe(1);
    expect(stderr).toBe("flux-submit: ERROR: task count must be a integer >= 1\n");
    expect((await flux("submit")).stderr).toContain("job command and arguments are missing");
  });

  test("bulksubmit makes a job of each input, and ends with the highest exit code", async () => {
    const words = ["--quiet", "--watch", "sh", "-c", "echo {0}; exit {0}", ":::", "0", "2", "1"];
    const { status, stdout } = await flux("bulksubmit", ...words);
    expect(status).toBe(2);
    expect(sorted(stdout)).toEqual(["0", "1", "2"]);
    expect((await shell("seq 3 | flux bulksubmit --wait --quiet true")).status).toBe(0);
    expect(await ok("bulksubmit", "--dry-run", "-n{}", "echo", "{seq1}", ":::", "4", "5")).toBe(
      "bulksubmit: submit -n4 echo 1\nbulksubmit: submit -n5 echo 2\n",
    );
  });

  test("a batch script has its options in directives, and runs in an instance of its own", async () => {
    const script = join(folder, "script.sh");
    const output = join(folder, "output");
    const lines = [
      "#!/bin/sh",
      "# flux: -n1 --job-name=nested",
      `# flux: --output=${output}  # not the usual place`,
      "flux run echo level $(flux getattr instance-level) $1",
    ];
    writeFileSync(script, `${lines.join("\n")}\n`);
    const id = (await shell(`flux batch ${script} word`)).stdout.trim();
    await ok("job", "wait-event", id, "clean");
    expect(readFileSync(output, "utf8")).toBe("level 1 word\n");
    expect(await ok("jobs", "-no", "{name}", id)).toBe("nested\n");
  });

  test("a misused directive is named by its line", async () => {
    const script = join(folder, "wrong.sh");
    writeFileSync(script, "#!/bin/sh\n# flux: -n1\n# flux: --nosuch\n");
    const { status, stderr } = await flux("batch", script);
    expect(status).toBe(2);
    expect(stderr).toContain("flux batch: error: unrecognized arguments: --nosuch\n");
    expect(stderr).toContain(`flux-batch: ERROR: argument parsing failed at ${script} line 3\n`);
  });

  test("alloc ends with its command's exit code", async () => {
    expect((await flux("alloc", "-n1", "true")).status).toBe(0);
    expect((await flux("alloc", "-n1", "sh", "-c", "exit 5")).status).toBe(5);
  });

  test("alloc --bg leaves an instance that takes jobs", async () => {
    const { stdout, stderr } = await flux("alloc", "-n1", "--bg", "-v");
    const id = stdout.trim();
    expect(stderr).toMatch(/waiting for resources\n.*resources allocated\n.*\n.*: ready\n$/s);
    const uri = (await ok("uri", "--local", id)).trim();
    expect((await shell(`FLUX_URI=${uri} flux run echo inside`)).stdout).toBe("inside\n");
    await ok("cancel", id);
    await ok("job", "wait-event", id, "clean");
  });

  test("cancel: jobs that are named, or all in some states", async () => {
    await ok("submit", "--quiet", "--cc=1-3", "--urgency=hold", "true");
    expect((await flux("cancel", "--all", "--dry-run")).stderr).toBe(
      "flux-cancel: Would cancel 3 jobs\n",
    );
    expect((await flux("cancel", "--states=pending")).stderr).toBe(
      "flux-cancel: Canceled 3 jobs (0 errors)\n",
    );
    expect((await flux("cancel", "--all")).stderr).toBe("flux-cancel: Matched 0 jobs\n");
    const id = (await ok("submit", "sleep", "300")).trim();
    await ok("cancel", "--message=enough", id);
    const { status, stderr } = await flux("job", "attach", id);
    expect(status).toBe(143);
    expect(stderr).toContain(`job.exception ${id} type=cancel severity=0 enough`);
    expect((await flux("cancel", id)).stderr).toBe(`flux-cancel: ERROR: ${id}: job is inactive\n`);
  });

  test("the exit code of a finished job can be asked for later", async () => {
    const id = (await ok("submit", "sh", "-c", "exit 4")).trim();
    expect((await flux("job", "status", id)).status).toBe(4);
    const waitable = (await ok("submit", "--flags=waitable", "false")).trim();
    const { status, stderr } = await flux("job", "wait", waitable);
    expect([status, stderr]).toEqual([1, "flux-job: task(s) exited with exit code 1\n"]);
  });
});
