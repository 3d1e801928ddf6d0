import type { Flux } from "@flux-ts/client/handle";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { parseSignal } from "@flux-ts/protocol/job/signal";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import type { Output } from "../output/output.ts";
import type { System } from "../system.ts";

/** How soon the second key has to follow Ctrl-C. */
const secondKeyMs = 2000;

interface Surroundings {
  readonly flux: Flux;
  readonly err: Output;
  readonly system: System;
  readonly id: JobId;
  /** Leave the job alone and stop watching it. */
  detach(): void;
}

/**
 * Signals to an attached command go to the job; Ctrl-C twice cancels it, Ctrl-C and Ctrl-Z detaches.
 * Returns what stops this.
 */
export function forwardSignals({ flux, err, system, id, detach }: Surroundings): () => void {
  const tell = (what: string) => (error: unknown) =>
    err.line(`flux-job: ${what}: ${(error as Error).message}`);
  let interruptedAt = Number.NEGATIVE_INFINITY;
  let stopWatchingKeys: (() => void) | undefined;
  const isRecent = (): boolean => performance.now() - interruptedAt <= secondKeyMs;
  const onSuspend = (): void => {
    if (isRecent()) {
      detach();
      err.line("flux-job: detaching...");
      return;
    }
    stopWatchingKeys?.();
    stopWatchingKeys = undefined;
    err.line("flux-job: one more ctrl-Z to suspend");
  };
  const onInterrupt = (): void => {
    if (!isRecent()) {
      interruptedAt = performance.now();
      stopWatchingKeys ??= system.onSignal(["SIGTSTP"], onSuspend);
      err.line("flux-job: one more ctrl-C within 2s to cancel or ctrl-Z to detach");
      return;
    }
    const note = "interrupted by ctrl-C";
    flux.call(jobManager.raise, { id, severity: 0, type: "cancel", note }).catch(tell("cancel"));
  };
  const stops = [
    system.onSignal(["SIGINT"], onInterrupt),
    system.onSignal(["SIGTERM", "SIGHUP", "SIGALRM", "SIGUSR1", "SIGUSR2"], (signal) => {
      flux.call(jobManager.kill, { id, signum: parseSignal(signal) }).catch(tell("kill"));
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    stopWatchingKeys?.();
  };
}
