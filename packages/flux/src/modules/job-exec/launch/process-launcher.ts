import type { Flux } from "@flux-ts/client/handle";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { ExecFlag, rexecAt } from "@flux-ts/protocol/services/rexec";
import type { JobSetup } from "../job.ts";
import type { Launcher, RunningShells, ShellEvents } from "./launch.ts";

export interface ProcessLauncherOptions {
  /** Service that starts processes: `rexec` or `sdexec`. */
  readonly service: string;
  /** Command line for a job's shell. */
  commandLine(setup: JobSetup): string[];
  /** Environment of the shells, without what is the job's own. */
  readonly env: Readonly<Record<string, string>>;
}

/** Starts a shell process on each rank of a job (RFC 42). */
export class ProcessLauncher implements Launcher {
  readonly keepsLogs = false;
  readonly #flux: Flux;
  readonly #options: ProcessLauncherOptions;
  readonly #rexec: ReturnType<typeof rexecAt>;

  constructor(flux: Flux, options: ProcessLauncherOptions) {
    this.#flux = flux;
    this.#options = options;
    this.#rexec = rexecAt(options.service);
  }

  launch(setup: JobSetup, events: ShellEvents): RunningShells {
    const pids = new Map<number, number>();
    const waiting = new Map<number, number>();
    for (const rank of setup.ranks) {
      const onPid = (pid: number): void => {
        pids.set(rank, pid);
        const signum = waiting.get(rank);
        if (signum !== undefined) this.#kill(rank, pid, signum);
      };
      this.#start(setup, rank, events, onPid, () => pids.delete(rank));
    }
    return {
      kill: (signum, ranks = setup.ranks) => {
        for (const rank of ranks) {
          const pid = pids.get(rank);
          // A shell whose start was not confirmed yet gets the signal as soon as it is.
          if (pid === undefined) waiting.set(rank, signum);
          else this.#kill(rank, pid, signum);
        }
      },
    };
  }

  #start(
    setup: JobSetup,
    rank: number,
    events: ShellEvents,
    onPid: (pid: number) => void,
    onGone: () => void,
  ): void {
    let status: number | undefined;
    const cmd = {
      cmdline: this.#options.commandLine(setup),
      env: { ...this.#options.env, FLUX_KVS_NAMESPACE: `job-${setup.id}` },
      opts: { stdout_LINE_BUFFER: "true", stderr_LINE_BUFFER: "true" },
      channels: [],
    };
    this.#flux.follow(
      this.#rexec.exec,
      {
        next: ({ type, pid, io, status: waitStatus }) => {
          if (type === "started") {
            onPid(pid!);
            events.onStarted(rank);
          } else if (type === "finished") {
            status = waitStatus;
            onGone();
          } else if (type === "output" && io?.data !== undefined) {
            events.onLog(rank, io.stream, io.data);
          }
        },
        end: (error) => {
          onGone();
          if (status !== undefined) events.onExit(rank, status);
          else events.onFailed(rank, error ?? new FluxError("EPROTO", "the shell has no status"));
        },
      },
      { cmd, flags: ExecFlag.Stdout | ExecFlag.Stderr, local_flags: 0 },
      { nodeid: rank },
    );
  }

  #kill(rank: number, pid: number, signum: number): void {
    // It may have ended in the meantime; its stream says so.
    this.#flux.call(this.#rexec.kill, { pid, signum }, { nodeid: rank }).catch(() => {});
  }
}
