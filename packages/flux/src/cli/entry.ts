import { dirname } from "node:path";
import type { AnyCommand } from "./command.ts";
import { unhide } from "./environment.ts";
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
  const env = unhide(process.env);
  // The program is ROOT/dist/cli/NAME.cjs.
  const root = dirname(dirname(dirname(process.argv[1] ?? "")));
  return {
    out: new FdOutput(1, env),
    err: new FdOutput(2, env),
    stdin: new FdInput(),
    env,
    system: new NodeSystem(root),
  };
}
