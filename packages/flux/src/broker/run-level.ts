import type { Flux } from "@flux-ts/client/handle";
import { exitCodeOf, statusText } from "@flux-ts/protocol/job/wait-status";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Severity } from "../plugins/module.ts";
import { RunningCommand } from "./run-command.ts";

const sighup = 1;
const exitCannotRun = 126;
const exitNotFound = 127;

/** One thing a run level does: a command, or work of the broker itself. */
export type RunStep =
  | { readonly cmdline: readonly string[]; readonly inherit?: boolean }
  | { readonly name: string; run(): Promise<void> };

/** A run level of the broker (rc1, rc2, cleanup, rc3): its steps in order, all of them. */
export class RunLevel {
  readonly name: string;
  readonly #flux: Flux;
  readonly #log: (severity: Severity, text: string) => void;
  readonly #env: Record<string, string>;
  #steps: RunStep[] = [];
  #running: RunningCommand | undefined;
  #aborted = false;

  constructor(
    name: string,
    deps: {
      flux: Flux;
      env: Record<string, string>;
      log: (severity: Severity, text: string) => void;
    },
  ) {
    this.name = name;
    this.#flux = deps.flux;
    this.#env = deps.env;
    this.#log = deps.log;
  }

  /** Add a step; later ones run first, as flux-core has it. */
  push(step: RunStep): void {
    this.#steps.unshift(step);
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Run the steps; returns the first non-zero exit code, or 0. */
  async run(): Promise<number> {
    let code = 0;
    const steps = this.#steps;
    this.#steps = [];
    for (const [index, step] of steps.entries()) {
      if (this.#aborted) break;
      const result = await this.#runStep(step, `${this.name}.${index}`);
      code ||= result;
    }
    return code;
  }

  /** Hang up on the step that is running, and skip those that follow. */
  abort(): void {
    this.#aborted = true;
    this.#running?.kill(sighup);
  }

  async #runStep(step: RunStep, label: string): Promise<number> {
    const started = performance.now();
    try {
      if ("run" in step) {
        await step.run();
        return 0;
      }
      const status = await this.#runCommand(step, label);
      const code = exitCodeOf(status);
      if (code !== 0) {
        const seconds = ((performance.now() - started) / 1000).toFixed(1);
        const text = `${step.cmdline.join(" ")} ${statusText(status)} ${seconds}s`;
        this.#log(3, `${label}: ${text}`);
      }
      return code;
    } catch (error) {
      const what = "run" in step ? step.name : step.cmdline.join(" ");
      this.#log(3, `${label}: ${what}: ${error instanceof Error ? error.message : error}`);
      return codeOfFailure(error);
    } finally {
      this.#running = undefined;
    }
  }

  #runCommand(
    step: { cmdline: readonly string[]; inherit?: boolean },
    label: string,
  ): Promise<number> {
    const command = new RunningCommand(this.#flux, {
      label,
      cmdline: step.cmdline,
      env: this.#env,
      inherit: step.inherit ?? false,
      onLine: (stream, line) => this.#log(stream === "stderr" ? 3 : 6, `${label}: ${line}`),
    });
    this.#running = command;
    return command.status;
  }
}

function codeOfFailure(error: unknown): number {
  if (!(error instanceof FluxError)) return 1;
  if (error.code === "ENOENT") return exitNotFound;
  return ["EACCES", "EPERM", "ENOEXEC"].includes(error.code) ? exitCannotRun : 1;
}
