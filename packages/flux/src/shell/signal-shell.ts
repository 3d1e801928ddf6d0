import { LogLevel } from "./log-level.ts";
import type { Shell } from "./shell.ts";

/** SIGINT, SIGALRM and SIGTERM. */
const forwarded: ReadonlySet<number> = new Set([2, 14, 15]);
/** SIGCHLD, SIGCONT, SIGPIPE, SIGURG, SIGWINCH: no reason to end. */
const ignored: ReadonlySet<number> = new Set([13, 17, 18, 23, 28]);

/**
 * A signal arrives at a shell: the tasks get those that ask for an end, others end the shell
 * itself.
 */
export function signalShell(shell: Shell, signum: number): void {
  if (ignored.has(signum)) return;
  if (!forwarded.has(signum)) {
    shell.abort(signum);
    return;
  }
  shell.log(LogLevel.Debug, `forwarding signal ${signum} to tasks`, "signals");
  shell.killAll(signum);
}
