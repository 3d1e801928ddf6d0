import { accessSync, constants, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { AnyCommand } from "./command.ts";
import { type InstalledPaths, prepareEnvironment, unhide } from "./environment.ts";
import { NodeSystem } from "./node-system.ts";
import { FdInput } from "./output/fd-input.ts";
import { BrokenPipe, FdOutput } from "./output/fd-output.ts";
import { type Host, runCommand } from "./run.ts";

/** What the shell calls a program that ended by SIGPIPE. */
const brokenPipeStatus = 141;

/** The whole life of a command's process. */
export async function enter(command: AnyCommand, argv: readonly string[]): Promise<never> {
  return endAfter(() => runCommand(command, argv, processHost()));
}

/** End the process with the status that `run` resolves to. */
export async function endAfter(run: () => Promise<number>): Promise<never> {
  // Output is written at once, so nothing is lost by leaving right away.
  process.exit(
    await run().catch((error: unknown) => {
      if (error instanceof BrokenPipe) return brokenPipeStatus;
      throw error;
    }),
  );
}

/** This process as a command's surroundings. */
export function processHost(): Host {
  // dist/cli/NAME.cjs
  const root = dirname(dirname(dirname(process.argv[1] ?? "")));
  const env = prepareEnvironment(unhide(process.env), installedPaths(process.env, root));
  return {
    out: new FdOutput(1, env),
    err: new FdOutput(2, env),
    stdin: new FdInput(),
    env,
    system: new NodeSystem(root),
  };
}

function installedPaths(env: NodeJS.ProcessEnv, root: string): InstalledPaths {
  // The launcher says how it was called; a plain `flux` was found on PATH, which is right already.
  const launcher = env.FLUX_TS_LAUNCHER_PATH;
  const man = join(root, "share/man");
  return {
    bin: launcher === undefined ? undefined : dirname(launcher),
    man: exists(man) ? man : undefined,
    inspect: (folder) => ({ hasFlux: exists(join(folder, "flux")), realpath: real(folder) }),
  };
}

function exists(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** The command's name from the file that was started: `dist/cli/NAME.cjs`. */
export function startedAs(): string {
  return basename(process.argv[1] ?? "flux", ".cjs");
}
