import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { fluxCoreCommand } from "@flux-ts/testing/flux-core";
import { TestInstance } from "../../packages/flux/src/cli/start/test-instance.ts";
import { fluxCommand } from "../cli/flux-command.ts";

const broker = fileURLToPath(new URL("../../packages/flux/dist/broker.cjs", import.meta.url));

/** Whose broker each rank is: `t` this project's, `c` flux-core's. */
export type Mixture = readonly ("t" | "c")[];

/**
 * Run a shell script in an instance whose brokers are of both kinds, launched by our own PMI server.
 * `$TS` and `$CORE` are the two `flux` commands. Returns what the script printed and the exit status.
 */
export async function inMixedInstance(
  mixture: Mixture,
  script: string,
  options: readonly string[] = [],
): Promise<{ output: string; status: number }> {
  const rundir = mkdtempSync(join(tmpdir(), "flux-mixed-"));
  const file = join(rundir, "output");
  const command = ["sh", "-c", `exec > ${file} 2>&1\n${script}`];
  const quiet = ["-Slog-stderr-level=-1", "-Slog-critical-level=-1"];
  const args = ["-Sbroker.rc1_path=", "-Sbroker.rc3_path=", ...quiet, ...options];
  const instance = new TestInstance({
    size: mixture.length,
    argvOf: (rank) => [
      ...(mixture[rank] === "c" ? [fluxCoreCommand, "broker"] : [process.execPath, broker]),
      ...args,
      `--setattr=rundir=${rundir}`,
      ...(rank === 0 ? command : []),
    ],
    env: { ...process.env, TS: fluxCommand, CORE: fluxCoreCommand },
    rundir,
    uid: process.getuid?.() ?? 0,
    mapping: `(vector,(0,1,${mixture.length}))`,
    exitMode: "any",
    exitTimeoutSeconds: 20,
    startMode: "all",
    log: () => {},
  });
  try {
    const status = await instance.run();
    return { output: readFileSync(file, "utf8"), status };
  } finally {
    rmSync(rundir, { recursive: true, force: true });
  }
}
