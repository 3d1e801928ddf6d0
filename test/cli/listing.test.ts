// Commands that find, list and follow jobs: measured with flux-core 0.88.

import { type Ended, fluxCommand, Instance, notBuilt } from "@flux-ts/testing/instance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withFlux } from "./with-flux.ts";

describe.skipIf(notBuilt)("listing jobs", () => {
  let instance: Instance;
  const ids = { good: "", bad: "", canceled: "", running: "", held: "", waiting: "" };
  const flux = (...args: string[]): Promise<Ended> => instance.run(fluxCommand, args);
  const out = (...args: string[]): Promise<string> => instance.flux(args);
  const submit = async (...args: string[]) => (await out("submit", ...args)).trim();

  beforeAll(async () => {
    instance = await Instance.start({ size: 2 });
    ids.good = await submit("--wait", "--job-name=good", "true");
    ids.bad = await submit("--job-name=bad", "sh", "-c", "exit 3");
    ids.canceled = await submit("--urgency=hold", "--job-name=gone", "true");
    await out("cancel", "-m", "not wanted", ids.canceled);
    ids.running = await submit("-t1h", "--job-name=runs", "-n2", "sleep", "300");
    ids.held = await submit("--urgency=hold", "--job-name=held", "true");
    ids.waiting = await submit(`--dependency=afterok:${ids.running}`, "--job-name=waits", "true");
    await out("job", "wait-event", ids.bad, "clean");
    await out("job", "wait-event", ids.canceled, "clean");
    await out("job", "wait-event", ids.running, "start");
  });
  afterAll(async () => {
    await flux("cancel", "--all");
    await instance?.stop();
  });

  test("active jobs: pending ones first, with what they wait for", async () => {
    const lines = (await out("jobs", "-no", "{name} {status_abbrev} {contextual_info}")).split(
      "\n",
    );
    expect(lines.slice(0, 2).sort()).toEqual([
      "held S held",
      `waits D depends:after-success=${ids.running}`,
    ]);
    expect(lines[2]).toMatch(/^runs R \S+$/);
  });

  test("inactive jobs say how they ended", async () => {
    const format = "{name} {status} {returncode} {inactive_reason}";
    expect(
      (await out("jobs", "-f", "inactive", "-no", format)).trimEnd().split("\n").sort(),
    ).toEqual([
      "bad FAILED 3 Exit 3",
      "gone CANCELED -128 Canceled: not wanted",
      "good COMPLETED 0 Exit 0",
    ]);
  });

  test("filters choose by state, result, name and rank", async () => {
    const names = async (...args: string[]) =>
      (await out("jobs", "-no", "{name}", ...args)).split("\n").filter(Boolean).sort();
    expect(await names("-f", "failed,canceled")).toEqual(["bad", "gone"]);
    expect(await names("-a", "--name=good")).toEqual(["good"]);
    expect(await names("-f", "running", "-i", "0-1")).toEqual(["runs"]);
    expect(await names("-a", "--since=-1h")).toHaveLength(6);
    expect(await names("-a", "-c2")).toHaveLength(2);
    expect((await flux("jobs", "-f", "nonsense")).stderr).toBe(
      "flux-jobs: ERROR: Invalid filter specified: nonsense\n",
    );
  });

  test("sorting is by value, unset ones first", async () => {
    const sorted = await out("jobs", "-a", "--sort=nnodes,-name", "-no", "{name}");
    expect(sorted).toBe("waits\nheld\ngone\nruns\ngood\nbad\n");
    expect(await out("jobs", "-ano", "sort:id {name}")).toBe(
      "good\nbad\ngone\nruns\nheld\nwaits\n",
    );
  });

  test("columns that say nothing are left out, others grow", async () => {
    const [header, ...rows] = (
      await out("jobs", "-ao", "+:{name:<2} ?:{queue:<8} {ntasks:>6} {duration!F:>8h}")
    ).split("\n");
    expect(header).toBe("NAME  NTASKS DURATION");
    expect(rows).toContain("runs       2       1h");
    expect(rows).toContain("good       1        -");
  });

  test("ids: what is unknown is told, status 1 if nothing is found", async () => {
    expect(await flux("jobs", "-no", "{name}", ids.good, "f1")).toMatchObject({
      status: 0,
      stdout: "good\n",
      stderr: "JobID f1 unknown\n",
    });
    expect((await flux("jobs", "f1")).status).toBe(1);
    expect(await flux("jobs", "no-id")).toMatchObject({
      status: 2,
      stderr: expect.stringContaining("argument JOBID: invalid JobID value: 'no-id'"),
    });
  });

  test("JSON has what is known", async () => {
    const one = JSON.parse(await out("jobs", "--json", ids.bad));
    expect(one).toMatchObject({
      jobid: ids.bad,
      name: "bad",
      status: "FAILED",
      returncode: 3,
      exception: { occurred: false },
    });
    expect(one).not.toHaveProperty("queue");
    const all = JSON.parse(await out("jobs", "-a", "--json"));
    expect(all.jobs).toHaveLength(6);
  });

  test("statistics", async () => {
    expect(await out("jobs", "--stats-only")).toBe(
      "1 running, 1 completed, 2 failed, 2 pending, 0 inactive purged\n",
    );
  });

  test("colours tell results apart", async () => {
    const lines = await out("jobs", "-a", "--color=always", "-no", "{name}");
    expect(lines).toContain("\x1b[01;31mbad\n\x1b[0;0m");
    expect(lines).toContain("\x1b[01;32mgood\n\x1b[0;0m");
    expect(lines).toContain("\nruns\n");
  });

  test("pgrep finds by name and by range of ids", async () => {
    expect(await out("pgrep", "^run")).toBe(`${ids.running}\n`);
    expect(await out("pgrep", "-a", "-o", "{name}", "(good|bad)")).toBe("NAME\nbad\ngood\n");
    expect(await out("pgrep", "-a", `${ids.good}..${ids.bad}`)).toBe(`${ids.bad}\n${ids.good}\n`);
    expect((await flux("pgrep", "nothing")).status).toBe(1);
    expect((await flux("pgrep", "[")).status).toBe(2);
  });

  test("pkill cancels what it finds", async () => {
    await submit("--job-name=victim", "sleep", "300");
    await submit("--job-name=victim", "sleep", "300");
    expect(await flux("pkill", "--wait", "victim")).toMatchObject({
      status: 0,
      stderr: "flux-pkill: INFO: Canceled 2 jobs\n",
    });
    expect(await out("jobs", "-a", "--name=victim", "-no", "{status}")).toBe(
      "CANCELED\nCANCELED\n",
    );
    expect((await flux("pkill", "victim")).status).toBe(1);
  });

  test("watch copies the output of jobs and ends with the highest exit code", async () => {
    const words = ["--job-name=talks", "sh", "-c", "echo talk; exit 4"];
    const id = await submit(...words);
    expect(await flux("watch", id)).toMatchObject({ status: 4, stdout: "talk\n" });
    expect((await flux("watch", "--label-io", id)).stdout).toBe(`${id}: 0: talk\n`);
    expect(await flux("watch", "f1")).toMatchObject({
      status: 0,
      stderr: "flux-watch: ERROR: JobID f1 unknown\nflux-watch: INFO: No matching jobs\n",
    });
    expect((await flux("watch")).status).toBe(1);
  });

  test("update changes what is allowed, and shows what it would send", async () => {
    expect(await out("update", "-n", ids.held, "name=x", "duration=1m", "bank=b")).toBe(
      '{"attributes.system.job.name": "x", "attributes.system.duration": 60.0, "attributes.system.bank": "b"}\n',
    );
    expect(await flux("update", "--wait", "-v", ids.held, "duration=10m")).toMatchObject({
      status: 0,
      stderr: "flux-update: INFO: updated attributes.system.duration to 600.0\n",
    });
    expect(await out("jobs", "-no", "{duration}", ids.held)).toBe("600.0\n");
    expect(await out("update", "-n", ids.held, "duration=-1m")).toContain("540.0");
  });

  test("pstree shows jobs, and what is in the instances among them", async () => {
    const script = `
      id=$(flux submit -n1 --job-name=inner flux start sh -c 'flux submit --job-name=leaf sleep 300; flux queue idle')
      uri=$(flux uri --wait --local $id)
      until FLUX_URI=$uri flux pgrep leaf >/dev/null 2>&1; do sleep 0.2; done
      FLUX_URI_RESOLVE_LOCAL=1 flux pstree
      FLUX_URI_RESOLVE_LOCAL=1 flux pstree --skip-root=yes -L0 -o '{name}!'
      FLUX_URI_RESOLVE_LOCAL=1 flux jobs -R -no '{name}' $id
      FLUX_URI=$uri flux cancel --all
      flux job wait-event $id clean >/dev/null`;
    const { stdout } = await instance.run("bash", ["-c", withFlux(script)]);
    const [id] = /ƒ\S+(?=:)/.exec(stdout) ?? [];
    expect(stdout).toBe(
      `.\n├── inner\n│   └── leaf\n└── runs\ninner!\nruns!\ninner\n\n${id}:\nleaf\n`,
    );
  });
});
