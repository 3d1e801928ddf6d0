import type { Flux } from "@flux-ts/client/handle";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { ExecFlag, ExecLocalFlag, rexec } from "@flux-ts/protocol/services/rexec";

export interface RunOptions {
  readonly label: string;
  readonly cmdline: readonly string[];
  readonly env: Record<string, string>;
  /** Standard streams are the broker's own; otherwise lines go to `onLine`. */
  readonly inherit: boolean;
  onLine(stream: string, line: string): void;
}

/** A command of a run level, running in the broker's subprocess server. */
export class RunningCommand {
  /** wait(2) status. Rejects with the errno if it could not be started. */
  readonly status: Promise<number>;
  readonly #flux: Flux;
  #pid: number | undefined;
  #pendingSignal: number | undefined;

  constructor(flux: Flux, options: RunOptions) {
    this.#flux = flux;
    this.status = new Promise((resolve, reject) => this.#start(options, resolve, reject));
  }

  /** Signal it, at once or when it has started. */
  kill(signum: number): void {
    if (this.#pid === undefined) {
      this.#pendingSignal = signum;
      return;
    }
    // It may be gone already, which is what a signal was to achieve.
    this.#flux.call(rexec.kill, { pid: this.#pid, signum }).catch(() => {});
  }

  #start(
    { label, cmdline, env, inherit, onLine }: RunOptions,
    resolve: (status: number) => void,
    reject: (error: FluxError) => void,
  ): void {
    let status: number | undefined;
    const opts = { stdout_LINE_BUFFER: "true", stderr_LINE_BUFFER: "true" };
    const cmd = { label, cmdline: [...cmdline], env, cwd: process.cwd(), opts, channels: [] };
    this.#flux.follow(
      rexec.exec,
      {
        next: (response) => {
          if (response.type === "started") this.#onStarted(response.pid!);
          else if (response.type === "finished") status = response.status;
          else if (response.type === "output") {
            const { stream, data } = response.io!;
            if (data !== undefined) onLine(stream, data);
          }
        },
        end: (error) => {
          if (error) reject(error);
          else if (status === undefined)
            reject(new FluxError("EPROTO", `${label}: no exit status`));
          else resolve(status);
        },
      },
      {
        cmd,
        flags: inherit ? 0 : ExecFlag.Stdout | ExecFlag.Stderr,
        local_flags: inherit ? ExecLocalFlag.Fallthrough | ExecLocalFlag.NoSetpgrp : 0,
      },
    );
  }

  #onStarted(pid: number): void {
    this.#pid = pid;
    if (this.#pendingSignal !== undefined) this.kill(this.#pendingSignal);
  }
}
