import { errnoText } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { type Env, EnvBlock } from "../native/env-block.ts";
import type { SoftLimits } from "../native/limit-plan.ts";
import { writeAll } from "../native/pipe.ts";
import { killGroup, killProcess } from "../native/process-control.ts";
import { BadDirectoryError, type SpawnRequest, spawn } from "../native/spawn.ts";
import type { ProcessGroup } from "../native/spawn-attributes.ts";
import { watchChild } from "../native/wait.ts";
import type { Output } from "./output.ts";
import { Stdio, type StdioOptions } from "./stdio.ts";

export interface ProcessOptions extends StdioOptions {
  readonly argv: readonly string[];
  /** The file to run where it is not `argv[0]`. */
  readonly file?: string | undefined;
  /** Do not change it afterwards: an environment that is used again is not prepared again. */
  readonly env: Env | EnvBlock;
  readonly cwd?: string | undefined;
  /** Where to go, with a note on standard error, if `cwd` cannot be entered. Default: fail. */
  readonly fallbackDirectory?: string | undefined;
  readonly group?: ProcessGroup | undefined;
  readonly cpus?: Iterable<number> | undefined;
  readonly rlimits?: SoftLimits | undefined;
}

export interface ProcessEvents {
  /** It runs; before all other events but credit. */
  onStart?(pid: number): void;
  /** Data of a piped stream, or its end, which comes once for each. */
  onOutput?(output: Output): void;
  /** This much of what was written has been taken. */
  onCredit?(stream: string, bytes: number): void;
  onStopped?(): void;
  /** It ended, with this wait(2) status. Output may still come. */
  onExit?(status: number): void;
  /** It ended, and so have all its streams: the last event. */
  onComplete?(status: number): void;
}

/**
 * A process: its streams, its state, and its end. Input may be written before it runs.
 */
export class Process {
  readonly #options: ProcessOptions;
  readonly #events: ProcessEvents;
  readonly #stdio: Stdio;
  #pid = 0;
  #status: number | undefined;
  #completed = false;

  /** Opens the streams; throws EMFILE or ENFILE. Call `start` next. */
  constructor(options: ProcessOptions, events: ProcessEvents = {}) {
    this.#options = options;
    this.#events = events;
    this.#stdio = new Stdio(options, {
      onOutput: (output) => this.#onOutput(output),
      onCredit: (stream, bytes) => events.onCredit?.(stream, bytes),
    });
  }

  /** 0 before it runs. */
  get pid(): number {
    return this.#pid;
  }

  /** Its wait(2) status, once it has ended. */
  get status(): number | undefined {
    return this.#status;
  }

  /** Names of the streams that can be written. */
  get inputNames(): string[] {
    return this.#stdio.inputNames;
  }

  /**
   * Run it. Resolves when it runs: events may come before that. Throws the FluxError of execvp(3),
   * with the streams closed.
   */
  async start(): Promise<void> {
    try {
      this.#pid = await this.#spawn();
    } catch (error) {
      this.#stdio.close();
      throw error;
    } finally {
      this.#stdio.closeTheirs();
    }
    this.#events.onStart?.(this.#pid);
    this.#stdio.read();
    watchChild(this.#pid, {
      onExit: (status) => this.#onExit(status),
      onStopped: () => this.#events.onStopped?.(),
    });
  }

  /**
   * Write to `stdin` or a channel. Throws EINVAL if there is no such stream, EPIPE after its end,
   * ENOSPC if its buffer has no room.
   */
  write(stream: string, data: Uint8Array): void {
    this.#input(stream).write(data);
  }

  /** End of a stream, once what was written is taken. EINVAL if there is no such stream. */
  end(stream: string): void {
    this.#input(stream).end();
  }

  /** Stop reading a stream, so that the process has to wait, until `resume`. */
  pause(stream: string): void {
    this.#stdio.output(stream)?.pause();
  }

  resume(stream: string): void {
    this.#stdio.output(stream)?.resume();
  }

  /** A piped stream has reached its end. */
  hasEnded(stream: string): boolean {
    return this.#stdio.output(stream)?.ended ?? true;
  }

  /**
   * Send a signal to its process group, or to it alone if it has no group of its own. Throws ESRCH
   * if it does not run, EINVAL for a number that is no signal.
   */
  kill(signum: number): void {
    if (!(signum > 0)) throw new FluxError("EINVAL");
    if (this.#pid === 0 || this.#completed) throw new FluxError("ESRCH");
    if (this.#options.group === "inherit") killProcess(this.#pid, signum);
    else killGroup(this.#pid, signum);
  }

  async #spawn(): Promise<number> {
    const { fds, variables } = this.#stdio;
    const env = EnvBlock.of(this.#options.env).with(variables);
    const { argv, file, cwd, group, cpus, rlimits, fallbackDirectory } = this.#options;
    const request: SpawnRequest = { argv, file, cwd, group, cpus, rlimits, env, fds };
    try {
      return await spawn(request);
    } catch (error) {
      if (!(error instanceof BadDirectoryError) || fallbackDirectory === undefined) throw error;
      const reason = `${error.directory}: ${errnoText(error.errnum)}`;
      const note = `Could not change dir to ${reason}. Going to ${fallbackDirectory} instead\n`;
      const [, , stderr] = fds;
      if (typeof stderr === "number") writeAll(stderr, new TextEncoder().encode(note));
      return spawn({ ...request, cwd: fallbackDirectory });
    }
  }

  #input(stream: string): ReturnType<Stdio["input"]> & object {
    const input = this.#stdio.input(stream);
    if (!input) throw new FluxError("EINVAL", `process has no input stream ${stream}`);
    return input;
  }

  #onOutput(output: Output): void {
    this.#events.onOutput?.(output);
    if (output.eof) this.#checkComplete();
  }

  #onExit(status: number): void {
    this.#status = status;
    this.#stdio.closeInputs();
    this.#events.onExit?.(status);
    this.#checkComplete();
  }

  #checkComplete(): void {
    if (this.#completed || this.#status === undefined || !this.#stdio.outputsEnded) return;
    this.#completed = true;
    this.#events.onComplete?.(this.#status);
  }
}

/** Start a process and return it once it runs; its events may come before that. */
export async function startProcess(
  options: ProcessOptions,
  events: ProcessEvents = {},
): Promise<Process> {
  const process = new Process(options, events);
  await process.start();
  return process;
}
