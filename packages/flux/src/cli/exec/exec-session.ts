import type { Flux } from "@flux-ts/client/handle";
import { withResolvers } from "@flux-ts/client/rpc-stream";
import { exitCodeOf } from "@flux-ts/protocol/job/wait-status";
import { type FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import type { rexec } from "@flux-ts/protocol/services/rexec";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { Input, Output } from "../output/output.ts";
import { ExitNotes } from "./exit-notes.ts";
import { type ProcessListener, RemoteProcess, type RemoteTarget } from "./remote-process.ts";
import { StdinCopy } from "./stdin-copy.ts";

export interface SessionOptions {
  readonly flux: Flux;
  readonly methods: typeof rexec;
  readonly out: Output;
  readonly err: Output;
  /** Undefined: the processes get none. */
  readonly stdin: Input | undefined;
  /** Write no more input than processes have room for. */
  readonly flowControl: boolean;
  readonly labelIo: boolean;
  readonly verbose: boolean;
  /** How messages call the command. */
  readonly name: string;
}

/** One command on several ranks: their output, our input, and how it ended. */
export class ExecSession implements ProcessListener {
  readonly #options: SessionOptions;
  readonly #processes: RemoteProcess[] = [];
  readonly #notes = new ExitNotes();
  readonly #done = withResolvers<void>();
  #stdin: StdinCopy | undefined;
  readonly #started = new Set<RemoteProcess>();
  #exited = 0;
  #over = 0;
  #exitCode = 0;
  /** Ranks whose processes have not ended. */
  readonly hanging = new Idset();

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get exitCode(): number {
    return this.#exitCode;
  }

  /** Processes that have exited or failed. */
  get exited(): number {
    return this.#exited;
  }

  get running(): number {
    return this.#started.size - this.#exited;
  }

  /** Ways to fail, and the ranks that did. */
  get notes(): readonly string[] {
    return this.#notes.lines;
  }

  start(ranks: Iterable<number>, target: RemoteTarget): void {
    const { flux, methods, flowControl, stdin } = this.#options;
    for (const rank of ranks) {
      const process = new RemoteProcess(flux, methods, rank, this);
      this.#processes.push(process);
      this.hanging.add(rank);
      process.start(target, { flowControl });
    }
    if (stdin) this.#stdin = new StdinCopy(stdin, this.#processes, flowControl);
    else for (const process of this.#processes) process.write(undefined);
  }

  /** Resolves when all processes are over. */
  async finish(): Promise<void> {
    await this.#done.promise;
  }

  kill(signum: number): void {
    const { err, verbose } = this.#options;
    for (const process of this.#processes) {
      if (process.state !== "running") continue;
      process.kill(signum).catch((error: unknown) => {
        if (!verbose) return;
        err.line(`failed to signal rank ${process.rank}: ${(error as Error).message}`);
      });
    }
  }

  started(process: RemoteProcess): void {
    this.#started.add(process);
    this.#feed();
  }

  credit(): void {
    this.#feed();
  }

  output({ rank }: RemoteProcess, stream: string, data: Uint8Array): void {
    const { out, err, labelIo } = this.#options;
    const to = stream === "stderr" ? err : out;
    to.write(labelIo ? Buffer.concat([Buffer.from(`${rank}: `), data]) : data);
  }

  ended(): void {
    this.#exited++;
    this.#feed();
  }

  completed(process: RemoteProcess, status: number): void {
    const code = exitCodeOf(status);
    this.#exitCode = Math.max(this.#exitCode, code);
    if (code > 0) this.#notes.add(process.rank, status);
    this.hanging.remove(process.rank);
    this.#onOver();
  }

  failed(process: RemoteProcess, error: FluxError): void {
    const { err, name } = this.#options;
    // Whether it ran at all is not known.
    this.#started.add(process);
    this.#exited++;
    err.line(`flux-exec: Error: rank ${process.rank}: ${name}: ${error.message}`);
    this.#exitCode = Math.max(this.#exitCode, failureCode(error));
    this.#feed();
    this.#onOver();
  }

  /** Input starts when all processes run, so that none misses its begin. */
  #feed(): void {
    if (this.#started.size < this.#processes.length) return;
    if (this.#exited === this.#processes.length) this.#stdin?.stop();
    else this.#stdin?.resume();
  }

  #onOver(): void {
    if (++this.#over === this.#processes.length) this.#done.resolve();
  }
}

/** As shells have it; 68 is EX_NOHOST of sysexits(3). */
function failureCode(error: FluxError): number {
  if (isErrno(error, "EPERM") || isErrno(error, "EACCES")) return 126;
  if (isErrno(error, "ENOENT")) return 127;
  if (isErrno(error, "EHOSTUNREACH")) return 68;
  return 1;
}
