import { exitCodeOf, signalOf } from "@flux-ts/protocol/job/wait-status";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { EnvBlock } from "../native/env-block.ts";
import type { ProcessGroup } from "../native/spawn-attributes.ts";
import type { Output } from "../subprocess/output.ts";
import { Process, type ProcessOptions } from "../subprocess/process.ts";
import type { StdioTarget } from "../subprocess/stdio.ts";
import { defaultStreamOptions, type StreamOptions } from "../subprocess/stream-options.ts";
import type { JobEnvironment } from "./job-environment.ts";

/** Bursts of input can come before a task has begun to read. */
const inputBufferBytes = 33_554_432;

/** It has ended, and all that it wrote has been read. */
export type TaskEnd = (task: Task) => void;

/** A task: a process of the job. Plugins may change how it is started until it is. */
export class Task {
  /** Number among the tasks of its shell. */
  readonly index: number;
  /** Number among all tasks of the job. */
  readonly rank: number;
  argv: string[];
  /** Variables of this task alone. */
  readonly env: Record<string, string> = {};
  cwd: string | undefined;
  stdin: StdioTarget = "pipe";
  stdout: StdioTarget = "pipe";
  stderr: StdioTarget = "pipe";
  /** Two-way streams besides; the variable of that name tells the task the descriptor. */
  readonly channels: string[] = [];
  group: ProcessGroup = "own";
  cpus: Iterable<number> | undefined;
  rlimits: ProcessOptions["rlimits"];
  readonly #streamOptions = new Map<string, StreamOptions>();
  readonly #readers = new Map<string, (output: Output) => void>();
  /** Input that came before the task was started; undefined ends a stream. */
  readonly #early: [stream: string, data: Uint8Array | undefined][] = [];
  #process: Process | undefined;
  #status: number | undefined;

  constructor(index: number, rank: number, argv: readonly string[]) {
    this.index = index;
    this.rank = rank;
    this.argv = [...argv];
  }

  /** Call `reader` with what the task writes to a stream: whole lines, unless told otherwise. */
  onOutput(stream: string, reader: (output: Output) => void, lineBuffered = true): void {
    this.#readers.set(stream, reader);
    if (!lineBuffered) {
      this.#streamOptions.set(stream, { ...defaultStreamOptions, lineBuffered: false });
    }
  }

  /** Output of the task that comes another way, such as from its terminal. */
  feed(output: Output): void {
    this.#readers.get(output.stream)?.(output);
  }

  /** Resolves when it runs. Throws the FluxError of execvp(3). */
  async start(environment: JobEnvironment, onEnd: TaskEnd): Promise<void> {
    const process = new Process(
      {
        argv: this.argv,
        env: EnvBlock.of(environment.base).with({ ...environment.changes, ...this.env }),
        cwd: this.cwd,
        stdin: this.stdin,
        stdout: this.stdout,
        stderr: this.stderr,
        channels: this.channels,
        group: this.group,
        cpus: this.cpus,
        rlimits: this.rlimits,
        streamOptions: (stream) => this.#optionsOf(stream),
      },
      {
        onOutput: (output) => this.feed(output),
        onExit: (status) => {
          this.#status = status;
        },
        onComplete: () => onEnd(this),
      },
    );
    this.#process = process;
    for (const [stream, data] of this.#early.splice(0)) {
      if (data) this.write(stream, data);
      else this.end(stream);
    }
    await process.start();
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  get isRunning(): boolean {
    return this.pid > 0 && this.#status === undefined;
  }

  /** Its wait(2) status, once it has ended. */
  get status(): number | undefined {
    return this.#status;
  }

  /** As a shell reports it: 128 + signal number for a task ended by a signal; 0 while it runs. */
  get exitCode(): number {
    return this.#status === undefined ? 0 : exitCodeOf(this.#status);
  }

  /** ESRCH if it does not run. */
  kill(signum: number): void {
    this.#process?.kill(signum);
  }

  /**
   * Nothing happens if the stream is none that we can write, such as a file. Throws EPIPE after its
   * end, ENOSPC if the task does not read.
   */
  write(stream: string, data: Uint8Array): void {
    if (!this.#process) this.#early.push([stream, data]);
    else if (this.#process.inputNames.includes(stream)) this.#process.write(stream, data);
  }

  end(stream: string): void {
    if (!this.#process) this.#early.push([stream, undefined]);
    else if (this.#process.inputNames.includes(stream)) this.#process.end(stream);
  }

  pause(stream: string): void {
    this.#process?.pause(stream);
  }

  resume(stream: string): void {
    this.#process?.resume(stream);
  }

  /** What there is to tell about it, as in the event `shell.task-exit` (RFC 50). */
  get info(): JsonObject {
    const info: JsonObject = { localid: this.index, rank: this.rank, state: this.#state };
    if (this.pid > 0) info.pid = this.pid;
    if (this.#status === undefined) return info;
    const exited = { wait_status: this.#status, signaled: signalOf(this.#status) };
    return { ...info, ...exited, exitcode: this.exitCode };
  }

  get #state(): string {
    if (this.pid === 0) return "Init";
    return this.#status === undefined ? "Running" : "Exited";
  }

  #optionsOf(stream: string): StreamOptions {
    if (stream === "stdin") return { lineBuffered: false, bufferBytes: inputBufferBytes };
    return this.#streamOptions.get(stream) ?? defaultStreamOptions;
  }
}
