import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fluxCoreCommand, noFluxCore } from "@flux-ts/testing/flux-core";
import { describe, expect, test } from "vitest";
import { flux, Running } from "../cli/flux-command.ts";

import { inMixedInstance, type Mixture } from "./mixed-instance.ts";

const everyRank = [
  "$CORE overlay status --no-pretty",
  "for rank in 0 1 2 3 4 5 6 7; do",
  "  $CORE ping --count=1 $rank | grep -c time=",
  "done",
  "$CORE overlay parentof 7",
  "$CORE getattr broker.critical-ranks",
].join("\n");

function mixed(text: string): Mixture {
  return [...text].map((kind) => (kind === "c" ? "c" : "t"));
}

describe.skipIf(noFluxCore !== undefined)("overlay with flux-core's brokers", () => {
  test.each([
    ["parent of flux-core's", "tc"],
    ["child of flux-core's", "ct"],
  ])("a broker is the %s", async (_name, mixture) => {
    const script = "$TS getattr size; $TS ping --count=2 1; $CORE ping --count=1 1";
    const { output, status } = await inMixedInstance(mixed(mixture), script);
    expect(output.match(/time=/g)).toHaveLength(3);
    expect([output.split("\n")[0], status]).toEqual(["2", 0]);
  });

  test.each(["tctccttc", "ctctctct"])(
    "a tree of both kinds works in all its parts: %s",
    async (mixture) => {
      const { output, status } = await inMixedInstance(mixed(mixture), everyRank, [
        "-Stbon.topo=kary:2",
      ]);
      const lines = output.trim().split("\n");
      expect(status).toBe(0);
      expect(lines.filter((line) => /^\d+ \S+: full$/.test(line.trim()))).toHaveLength(8);
      expect(lines.slice(-10)).toEqual(["1", "1", "1", "1", "1", "1", "1", "1", "3", "0-3"]);
    },
  );

  test("flux-core's loss of a parent and ours of a child are both noticed", async () => {
    const script = [
      "$CORE overlay status --no-pretty",
      "$CORE overlay disconnect 1",
      "$CORE overlay status --wait=degraded --timeout=10s --no-pretty",
      "$CORE ping --count=1 2 2>&1",
    ].join("\n");
    for (const mixture of ["tcc", "ttc", "ctt"]) {
      const { output } = await inMixedInstance(mixed(mixture), script, ["-Stbon.topo=kary:1"]);
      expect(output).toContain("1 ");
      expect(output).toContain("lost");
      expect(output).toContain("No route to host");
    }
  });

  test.each(["t", "c"])("static configuration joins both kinds, leader %s", async (leader) => {
    const folder = mkdtempSync(join(tmpdir(), "flux-config-"));
    try {
      const certificate = join(folder, "curve.cert");
      const config = join(folder, "flux.toml");
      await flux("keygen", certificate);
      writeFileSync(
        config,
        `[bootstrap]\ncurve_cert = "${certificate}"\nhosts = [\n` +
          `  { host = "h0", bind = "ipc://${folder}/0", connect = "ipc://${folder}/0" },\n` +
          `  { host = "h1" }\n]\n`,
      );
      const bare = ["-c", config, "-Sbroker.rc1_path=", "-Sbroker.rc3_path="];
      const program = ["sh", "-c", `${fluxCoreCommand} overlay status --no-pretty`];
      const leading = ["broker", ...bare, "-Shostname=h0", ...program];
      const following = ["broker", ...bare, "-Shostname=h1"];
      const [ours, theirs] = leader === "t" ? [leading, following] : [following, leading];
      const both = [new Running(ours), new Running(theirs, fluxCoreCommand)];
      const ends = await Promise.all(both.map(({ finished }) => finished));
      expect(ends.map(({ status }) => status)).toEqual([0, 0]);
      const { stdout } = ends[leader === "t" ? 0 : 1]!;
      expect(stdout).toMatch(/0 h0: full\s+1 h1: full/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
