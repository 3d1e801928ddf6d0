import type { Flux } from "@flux-ts/client/handle";
import { type ExecCommand, RemoteProcess } from "@flux-ts/client/remote-process";
import { withResolvers } from "@flux-ts/client/rpc-stream";
import { signalText } from "@flux-ts/protocol/job/signal";
import { exitCodeOf, signalOf } from "@flux-ts/protocol/job/wait-status";
import type { FluxError } from "@flux-ts/protocol/rpc/error";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { Input, Output } from "../output/output.ts";

export interface GroupOptions {
  readonly service: string;
  readonly ranks: Idset;
  /** What to start; undefined to attach. */
  readonly command: ExecCommand | undefined;
  readonly attach: { readonly pid: number; readonly label: string | undefined } | undefined;
  /** How errors name the command. */
  readonly name: string;
  readonly labelIo: boolean;
  readonly flowControl: boolean;
}

interface Surroundings {
  readonly out: Output;
  readonly err: Output;
  /** `PROG: TEXT` on stderr. */
  print(text: string): void;
}

/** One process on each of several ranks, with shared input and merged output. */
export class ProcessGroup {
  readonly #near: Surroundings;
  readonly #options: GroupOptions;
  readonly #processes: RemoteProcess[] = [];
  readonly #credits = new Map<number, number>();
  readonly #over = withResolvers<void>();
  /** Ranks by how their process failed. */
  readonly failures = new Map<string, Idset>();
  /** Ranks whose process has not ended. */
  readonly hanging: Idset;
  #left: number;
  #startedCount = 0;
  #exitCode = 0;
  #input: Uint8Array = new Uint8Array(0);
  #inputEnded = false;

  constructor(flux: Flux, near: Surroundings, options: GroupOptions) {
    this.#near = near;
    this.#options = options;
    this.hanging = options.ranks.clone();
    this.#left = options.ranks.size;
    for (const rank of options.ranks) this.#processes.push(this.#start(flux, rank));
  }

  /** The largest exit code, once all processes have ended. */
  async finish(): Promise<number> {
    await this.#over.promise;
    return this.#exitCode;
  }

  get runningCount(): number {
    return this.#processes.filter((process) => process.isRunning).length;
  }

  /** Send this process's input to all of them. */
  feed(input: Input): { stop(): void } {
    return input.follow((chunk) => {
      if (chunk) this.#input = Buffer.concat([this.#input, chunk]);
      else this.#inputEnded = true;
      this.#pump();
    });
  }

  closeInput(): void {
    for (const process of this.#processes) process.closeInput();
  }

  kill(signum: number, onFailure: (rank: number, text: string) => void): void {
    for (const process of this.#processes) {
      if (!process.isRunning) continue;
      process.kill(signum).catch((error: Error) => onFailure(process.rank, error.message));
    }
  }

  #start(flux: Flux, rank: number): RemoteProcess {
    const { service, command, attach, flowControl } = this.#options;
    let hasStarted = false;
    const sink = {
      started: () => {
        hasStarted = true;
        this.#startedCount++;
        this.#pump();
      },
      output: (stream: string, data: Uint8Array) => this.#print(rank, stream, data),
      credit: (_stream: string, bytes: number) => {
        this.#credits.set(rank, (this.#credits.get(rank) ?? 0) + bytes);
        this.#pump();
      },
      finished: (status: number) => this.#onFinished(rank, status),
      end: (error?: FluxError) => {
        if (error) this.#onFailed(rank, error);
        if (!hasStarted) this.#startedCount++;
        this.#credits.delete(rank);
        this.#left--;
        this.#pump();
        if (this.#left === 0) this.#over.resolve();
      },
    };
    if (flowControl) this.#credits.set(rank, 0);
    const target = { service, rank, writeCredit: flowControl };
    return command
      ? RemoteProcess.exec(flux, { ...target, command }, sink)
      : RemoteProcess.attach(flux, { ...target, ...attach! }, sink);
  }

  #print(rank: number, stream: string, data: Uint8Array): void {
    const { out, err } = this.#near;
    const target = stream === "stderr" ? err : out;
    if (this.#options.labelIo) target.write(`${rank}: `);
    target.write(data);
  }

  #onFinished(rank: number, status: number): void {
    const code = exitCodeOf(status);
    this.#exitCode = Math.max(this.#exitCode, code);
    this.hanging.remove(rank);
    this.#credits.delete(rank);
    if (code === 0) return;
    const signum = signalOf(status);
    const how = signum ? signalText(signum) : `Exit ${code}`;
    const ranks = this.failures.get(how) ?? new Idset();
    this.failures.set(how, ranks.add(rank));
  }

  #onFailed(rank: number, error: FluxError): void {
    this.#near.print(`Error: rank ${rank}: ${this.#options.name}: ${error.message}`);
    this.hanging.remove(rank);
    this.#exitCode = Math.max(this.#exitCode, failureCode(error));
  }

  /** Input goes to all at once, as much as the slowest welcomes. */
  #pump(): void {
    if (this.#startedCount < this.#options.ranks.size) return;
    const limit = this.#options.flowControl
      ? Math.min(...this.#credits.values())
      : Number.POSITIVE_INFINITY;
    const size = Math.min(this.#input.length, limit);
    if (size > 0 && Number.isFinite(size)) {
      const data = this.#input.subarray(0, size);
      this.#input = this.#input.subarray(size);
      for (const process of this.#processes) {
        if (!process.isRunning) continue;
        process.write(data);
        const credit = this.#credits.get(process.rank);
        if (credit !== undefined) this.#credits.set(process.rank, credit - size);
      }
    }
    if (this.#inputEnded && this.#input.length === 0) {
      this.#inputEnded = false;
      this.closeInput();
    }
  }
}

/** As shells number them: 126 not permitted, 127 not found; 68 no such host. */
function failureCode({ code }: FluxError): number {
  switch (code) {
    case "EPERM":
    case "EACCES":
      return 126;
    case "ENOENT":
      return 127;
    case "EHOSTUNREACH":
      return 68;
    default:
      return 1;
  }
}
