import { parseSignal } from "@flux-ts/protocol/job/signal";
import type { Output } from "../output/output.ts";
import type { System } from "../system.ts";
import type { ExecSession } from "./exec-session.ts";

/** How soon after another interrupt one more ends the command. */
const patienceMs = 1000;

interface Surroundings {
  readonly session: ExecSession;
  readonly system: System;
  readonly err: Output;
  readonly verbose: boolean;
  /** Set for an attached process, which an interrupt leaves alone: its pid or label. */
  readonly attachedTo: string | undefined;
  /** End the command at once. */
  leave(status: number): void;
}

/** Pass SIGINT and SIGTERM on to the processes; insistent interrupts end the command without them. */
export function passSignalsOn(surroundings: Surroundings): () => void {
  const { session, system, err, verbose, attachedTo, leave } = surroundings;
  let interrupts = 0;
  let interruptedAt = 0;
  return system.onSignal(["SIGINT", "SIGTERM"], (signal) => {
    const isInterrupt = signal === "SIGINT";
    if (isInterrupt && attachedTo !== undefined) {
      err.line(`detached; use 'flux sproc kill ${attachedTo}' to signal it`);
      leave(0);
      return;
    }
    if (isInterrupt && interrupts >= 2 && performance.now() - interruptedAt < patienceMs) {
      const ranks = session.hanging.encode({ brackets: true });
      err.line(`${ranks}: command still running at exit`);
      leave(1);
      return;
    }
    const signum = parseSignal(signal);
    if (verbose) err.line(`sending signal ${signum} to ${session.running} running processes`);
    session.kill(signum);
    if (!isInterrupt) return;
    if (interrupts > 0) {
      err.line(
        `interrupt (Ctrl+C) one more time within ${(patienceMs / 1000).toFixed(2)} sec to exit`,
      );
    }
    interruptedAt = performance.now();
    interrupts++;
  });
}
