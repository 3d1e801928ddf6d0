import type { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JobSetup } from "../job.ts";

/** What becomes of the shells of a job. `rank` is a broker rank. */
export interface ShellEvents {
  onStarted(rank: number): void;
  /** The shell ended with this wait(2) status. */
  onExit(rank: number, waitStatus: number): void;
  /** The shell could not be started, or is lost with its broker. */
  onFailed(rank: number, error: FluxError): void;
  onLog(rank: number, stream: string, data: string): void;
  /** Lines for a log of the guest namespace that the shell has not committed itself. */
  onGuestLog(log: string, lines: string): void;
}

/** The shells of one job, started. */
export interface RunningShells {
  /** Signal the shells on these ranks, or on all. Those already gone are skipped. */
  kill(signum: number, ranks?: Iterable<number>): void;
}

/** A way of starting the shells of a job. */
export interface Launcher {
  /** Shells of short jobs hand over their logs at the end instead of writing them (`onGuestLog`). */
  readonly keepsLogs: boolean;
  launch(setup: JobSetup, events: ShellEvents): RunningShells;
}
