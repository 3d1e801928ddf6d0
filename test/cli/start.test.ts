import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@flux-ts/client/connect";
import { overlay } from "@flux-ts/protocol/services/overlay";
import { start } from "@flux-ts/protocol/services/start";
import { describe, expect, test } from "vitest";
import { flux, notBuilt, Running } from "./flux-command.ts";

/** Instances without services of rc1: these tests are about brokers alone. */
const bare = ["-Sbroker.rc1_path=", "-Sbroker.rc3_path="];

describe.skipIf(notBuilt !== undefined)("flux start", () => {
  test("starts as many brokers as asked for, runs the command and ends", async () => {
    const { status, stdout } = await flux(
      ...["start", "-s4", ...bare, "sh", "-c"],
      "flux getattr size; flux getattr hostlist; flux getattr broker.boot-method",
    );
    const [size, hostlist, method] = stdout.split("\n");
    expect([status, size, method]).toEqual([0, "4", "simple"]);
    expect(hostlist?.split(",")).toHaveLength(4);
  });

  test("alone, it is one broker in its own process", async () => {
    const { status, stdout } = await flux(
      ...["start", ...bare, "sh", "-c"],
      "flux getattr size; flux getattr broker.boot-method; exit 4",
    );
    expect([status, stdout]).toEqual([4, "1\nsingle\n"]);
  });

  test("ends with the highest status of its brokers, and says whose it was", async () => {
    const { status, stderr } = await flux("start", "-s2", ...bare, "sh", "-c", "exit 3");
    expect(status).toBe(3);
    expect(stderr).toMatch(/flux-start: 0 \(pid \d+\) exited with rc=3/);
  });

  test("hosts may be made up, and the tree shaped", async () => {
    const { stdout } = await flux(
      ...["start", "-s3", "--test-hosts=a[0-2]", "-Stbon.topo=kary:1", ...bare, "sh", "-c"],
      "flux getattr hostlist; flux getattr tbon.maxlevel; flux getattr broker.critical-ranks",
    );
    expect(stdout).toBe("a[0-2]\n2\n0-1\n");
  });

  test("brokers that take each other to be apart use TCP", async () => {
    const { stdout } = await flux(
      ...["start", "-s2", "--test-pmi-clique=per-broker", ...bare, "sh", "-c"],
      "flux getattr broker.mapping; flux getattr tbon.endpoint",
    );
    expect(stdout).toMatch(/^\[\[0,2,1,1\]\]\ntcp:\/\//);
  });

  test("-vX shows what would be run", async () => {
    const { status, stderr } = await flux("start", "-s2", "-v", "-X", "-Sx=1", "true");
    const [leader, follower] = stderr.split("\n");
    expect(status).toBe(0);
    expect(leader).toMatch(/^flux-start: 0: .*broker\.cjs -Sx=1 --setattr=rundir=\S+ true$/);
    expect(follower).toMatch(/^flux-start: 1: .*broker\.cjs -Sx=1 --setattr=rundir=\S+$/);
  });

  test.each<[string, string[], string]>([
    ["size 0", ["-s0"], "--test-size argument must be > 0"],
    ["no number", ["-sx"], "--test-size argument must be > 0"],
    ["no size", ["--test-hosts=a"], "--test-hosts only works with --test-size"],
    ["wrong hosts", ["-s3", "--test-hosts=a,b"], "--test-hosts hostlist has incorrect size"],
    ["exit mode", ["-s1", "--test-exit-mode=foo"], "unknown --test-exit-mode: foo"],
    ["start mode", ["-s1", "--test-start-mode=foo"], "unknown --test-start-mode: foo"],
    ["clique", ["-s1", "--test-pmi-clique=[["], "test-pmi-clique: "],
    ["rundir", ["-s1", "--test-rundir=/nonexistent"], "/nonexistent: No such file or directory"],
    ["recovery", ["--recovery=/nonexistent"], "/nonexistent: No such file or directory"],
  ])("%s is refused in one line", async (_name, args, message) => {
    const { status, stderr } = await flux("start", ...args, "true");
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  test("a run directory that was given stays, unless it is to be cleaned up", async () => {
    const folder = mkdtempSync(join(tmpdir(), "flux-start-"));
    await flux("start", "-s1", `--test-rundir=${folder}`, ...bare, "true");
    expect(readdirSync(folder)).toEqual([]);
    await flux("start", "-s1", `--test-rundir=${folder}`, "--test-rundir-cleanup", ...bare, "true");
    expect(() => readdirSync(folder)).toThrow("ENOENT");
  });

  test("a broker that is killed is lost at once, and its status known", async () => {
    const running = new Running([
      ...["start", "-s3", "-Stbon.topo=kary:1", "--test-exit-mode=leader", ...bare],
      ...["sh", "-c", 'echo "$FLUX_URI $FLUX_START_URI"; read line'],
    ]);
    const [uri, startUri] = (await running.line()).split(" ");
    await using broker = await connect(uri);
    await using starter = await connect(startUri);
    expect((await starter.call(start.status)).procs).toHaveLength(3);
    await expect(starter.call(start.kill, { rank: 7, signum: 9 })).rejects.toThrow(
      "No such process",
    );
    const health = broker.stream(overlay.health);
    expect(await health.first()).toMatchObject({ status: "full" });
    const waited = starter.call(start.wait, { rank: 1 });
    const pending = broker.rpc("broker.ping", { wait: true }, { nodeid: 2 });
    await pending;
    await starter.call(start.kill, { rank: 1, signum: 9 });
    expect(await waited).toEqual({ exit_rc: 137 });
    expect(await health.first()).toMatchObject({
      status: "degraded",
      children: [{ rank: 1, status: "lost" }],
    });
    await expect(broker.rpc("broker.ping", {}, { nodeid: 2 })).rejects.toThrow("No route to host");
    expect(await starter.call(start.wait, { rank: 2 })).toEqual({ exit_rc: 1 });
    running.child.stdin?.end();
    const { status, stderr } = await running.finished;
    expect(stderr).toContain("failed and severed contact with 1 other nodes");
    expect(status).toBe(1);
  });

  test("SIGTERM shuts the instance down", async () => {
    const running = new Running(["start", "-s2", ...bare, "sh", "-c", "echo up; read line"]);
    await running.line();
    running.child.kill("SIGTERM");
    const { status } = await running.finished;
    expect(status).toBe(129);
  });
});

describe.skipIf(notBuilt !== undefined)("flux keygen", () => {
  test("writes a certificate that brokers take", async () => {
    const folder = mkdtempSync(join(tmpdir(), "flux-keygen-"));
    const path = join(folder, "curve.cert");
    try {
      expect(await flux("keygen", "--name=x", "--meta=a=b", path)).toMatchObject({
        status: 0,
        stderr: "",
      });
      const { readCertificate } = await import("@flux-ts/client/certificate");
      expect(readCertificate(path).metadata).toMatchObject({ name: "x", a: "b" });
      expect((await flux("keygen")).stderr).toContain("WARNING: add PATH argument");
      expect(await flux("keygen", "/nonexistent/x")).toMatchObject({ status: 1 });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
