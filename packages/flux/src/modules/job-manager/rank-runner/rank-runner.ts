import type { Flux } from "@flux-ts/client/handle";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { ExecFlag, rexec } from "@flux-ts/protocol/services/rexec";
import type { RankCommand } from "../rank-command.ts";

interface Process {
  pid: number | undefined;
  /** Signals for a process whose pid is not known yet. */
  readonly signals: number[];
  hasEnded: boolean;
  /** Output after the last newline, by stream. */
  readonly partial: Map<string, string>;
}

interface Output {
  readonly stream: string;
  readonly data?: string | undefined;
  readonly eof?: boolean | undefined;
}

/** Runs commands on ranks for prologs, epilogs and housekeeping. */
export class RankRunner {
  readonly #flux: Flux;
  readonly #input: (run: () => void) => void;
  readonly #running = new Map<RankCommand, Map<number, Process>>();

  constructor(flux: Flux, input: (run: () => void) => void) {
    this.#flux = flux;
    this.#input = input;
  }

  run(command: RankCommand): void {
    const processes = new Map<number, Process>();
    this.#running.set(command, processes);
    for (const rank of command.ranks) {
      const process = { pid: undefined, signals: [], hasEnded: false, partial: new Map() };
      processes.set(rank, process);
      this.#start(command, rank, process);
    }
  }

  /** Send a signal to the processes on these ranks that still run. */
  signal(command: RankCommand, ranks: readonly number[], signum: number): void {
    for (const rank of ranks) {
      const process = this.#running.get(command)?.get(rank);
      if (!process || process.hasEnded) continue;
      if (process.pid === undefined) process.signals.push(signum);
      else this.#kill(rank, process.pid, signum);
    }
  }

  #start(command: RankCommand, rank: number, state: Process): void {
    const cmd = {
      cmdline: [...command.cmdline],
      env: { ...process.env, ...command.env } as Record<string, string>,
      opts: {},
      channels: [],
      msgchan: [],
    };
    const sink = {
      next: (response: {
        pid?: number | undefined;
        status?: number | undefined;
        io?: Output | undefined;
      }): void => {
        if (response.pid !== undefined && state.pid === undefined) {
          state.pid = response.pid;
          for (const signum of state.signals) this.#kill(rank, state.pid, signum);
        }
        if (response.io) this.#onOutput(command, rank, state, response.io);
        const { status } = response;
        if (status !== undefined)
          this.#end(command, rank, state, () => command.onExit(rank, status));
      },
      end: (error?: FluxError): void => {
        const failure = error ?? new FluxError("EPROTO", "the process ended without a status");
        this.#end(command, rank, state, () => command.onFailed(rank, failure));
      },
    };
    const flags = ExecFlag.Stdout | ExecFlag.Stderr;
    this.#flux.follow(rexec.exec, sink, { cmd, flags }, { nodeid: rank });
  }

  #onOutput(command: RankCommand, rank: number, { partial }: Process, output: Output): void {
    const { stream, data = "", eof } = output;
    const lines = `${partial.get(stream) ?? ""}${data}`.split("\n");
    const rest = lines.pop() ?? "";
    partial.set(stream, eof ? "" : rest);
    if (eof && rest !== "") lines.push(rest);
    if (lines.length === 0) return;
    this.#input(() => {
      for (const line of lines) command.onOutput(rank, stream, line);
    });
  }

  #end(command: RankCommand, rank: number, state: Process, tell: () => void): void {
    if (state.hasEnded) return;
    state.hasEnded = true;
    const processes = this.#running.get(command);
    processes?.delete(rank);
    if (processes?.size === 0) this.#running.delete(command);
    this.#input(tell);
  }

  #kill(rank: number, pid: number, signum: number): void {
    // One that has ended in the meantime is as good as signaled.
    this.#flux.call(rexec.kill, { pid, signum }, { nodeid: rank }).catch(() => {});
  }
}
