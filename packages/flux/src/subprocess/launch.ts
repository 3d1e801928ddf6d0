import { ExecFlag, ExecLocalFlag } from "@flux-ts/protocol/services/rexec";
import type { Environment } from "./child-environment.ts";
import type { Command } from "./command.ts";
import type { ProcessOptions } from "./process.ts";
import { streamOptions } from "./stream-options.ts";

/** How a subprocess server starts a command. */
export interface Launch {
  readonly command: Command;
  readonly flags: number;
  readonly localFlags: number;
  readonly background: boolean;
  readonly environment: Environment;
}

/** Where a process goes that cannot enter the directory asked for. */
const fallbackDirectory = "/tmp";

/**
 * The process for a command. In the background its input is at its end, and all output is read, to
 * be logged. Throws EINVAL or EOVERFLOW for bad stream options.
 */
export function processOptions(launch: Launch): ProcessOptions {
  const { command, flags, localFlags, background, environment } = launch;
  const output = (flag: number) => (background || flags & flag ? "pipe" : "null");
  const stdio =
    localFlags & ExecLocalFlag.Fallthrough
      ? ({ stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const)
      : ({
          stdin: background ? "null" : "pipe",
          stdout: output(ExecFlag.Stdout),
          stderr: output(ExecFlag.Stderr),
        } as const);
  const names = ["stdin", "stdout", "stderr", ...command.channels];
  const byName = new Map(names.map((name) => [name, streamOptions(command.opts, name)]));
  return {
    ...stdio,
    argv: command.cmdline,
    env: environment,
    cwd: command.cwd,
    fallbackDirectory,
    channels: command.channels,
    group: localFlags & ExecLocalFlag.NoSetpgrp ? "inherit" : "own",
    streamOptions: (name) => byName.get(name)!,
  };
}

/** Room for input at the start, by stream. */
export function initialCredits({ stdin, channels, streamOptions }: ProcessOptions) {
  const names = [...(stdin === "pipe" ? ["stdin"] : []), ...(channels ?? [])];
  return Object.fromEntries(names.map((name) => [name, streamOptions!(name).bufferBytes]));
}
