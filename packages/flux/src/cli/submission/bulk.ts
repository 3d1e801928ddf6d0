import type { Flux } from "@flux-ts/client/handle";
import { submitJobspec } from "@flux-ts/client/job";
import { setDotted } from "@flux-ts/protocol/job/dotted-path";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { Context, Occurrence } from "../command.ts";
import { jobIdText } from "../job-text.ts";
import { LogFiles } from "../output/file-output.ts";
import type { Output } from "../output/output.ts";
import { elapsedText, type Progress, ProgressBar } from "../output/progress-bar.ts";
import { CommandError } from "../usage-error.ts";
import { commandJobspec } from "./command-jobspec.ts";
import { callerOf, isIdset } from "./job-options.ts";
import { JobWatcher } from "./job-watcher.ts";
import type { BulkOptions, CommandJobOptions } from "./options.ts";
import { requestOptions } from "./request.ts";
import { expandCommand, expandOptions } from "./templates.ts";

export type BulkJobOptions = CommandJobOptions & BulkOptions;

/** A command to submit, perhaps several times (`--cc`). */
export interface BulkJob {
  readonly command: readonly string[];
  readonly options: BulkJobOptions;
  readonly occurrences: readonly Occurrence[];
}

/** Submissions without an answer; more wait until some are answered. */
const maxInFlight = 1024;

type Surroundings = Pick<Context<unknown, unknown>, "flux" | "out" | "err" | "env" | "system">;

/** Submits any number of jobs, prints their ids, and waits for them or watches them if asked to. */
export class BulkSubmission {
  readonly #context: Surroundings;
  readonly #files = new LogFiles();
  readonly #inFlight = new Set<Promise<void>>();
  #flux: Flux | undefined;
  #watcher: JobWatcher | undefined;
  #bar: ProgressBar | undefined;
  #exitCode = 0;
  #defect: unknown;
  #submitted = 0;
  readonly #startTime = Date.now() / 1000;

  constructor(context: Surroundings) {
    this.#context = context;
  }

  /** Submit one job, or a copy for each id of --cc or --bcc. */
  async submit({ command, options, occurrences }: BulkJob): Promise<void> {
    const ids = copiesOf(options);
    for (const id of ids ?? [undefined]) {
      const copy =
        id === undefined
          ? { command, options }
          : {
              command: expandCommand(command, { names: { cc: id } }),
              options: expandOptions(options, { names: { cc: id } }),
            };
      await this.#submitOne({ ...copy, occurrences }, id);
    }
  }

  /** Show a bar for `total` submissions, unless the jobs themselves are watched. */
  startProgress(options: BulkJobOptions, total: number): void {
    if (!options.progress || this.#bar) return;
    const { out, err } = this.#context;
    if (!out.isTerminal) {
      err.line("flux: WARNING: stdout is not a tty. Ignoring --progress option");
      return;
    }
    const watcher = this.#watcher;
    const bar = new ProgressBar(out, () =>
      watcher ? watcher.progress : this.#progress(total, options.jps),
    );
    if (watcher) {
      watcher.protectTerminal();
      watcher.onProgress = () => bar.redraw();
    }
    this.#bar = bar;
    bar.start();
  }

  /** Wait for all answers, and the jobs if that was asked for. Resolves to the exit status. */
  async finish(): Promise<number> {
    await Promise.all(this.#inFlight);
    if (this.#defect !== undefined) throw this.#defect;
    const code = await (this.#watcher?.finish() ?? 0);
    this.#bar?.stop();
    this.#files.close();
    return Math.max(code, this.#exitCode);
  }

  async #submitOne(
    { command, options, occurrences }: BulkJob,
    id: number | undefined,
  ): Promise<void> {
    const { flux, env, err, system } = this.#context;
    const caller = callerOf({ env, err, system });
    const jobspec = commandJobspec(command, options, occurrences, caller);
    if (options.input !== undefined && isIdset(options.input)) {
      throw new CommandError("per-task input not supported for submit", 1, "flux");
    }
    if (id !== undefined && options.bcc === undefined) {
      setDotted(jobspec.attributes.system, "environment.FLUX_JOB_CC", String(id));
    }
    if (options.dryRun) {
      this.#context.out.json(jobspec);
      throw new CommandError("", 0);
    }
    const request = requestOptions(options);
    const streams = this.#streams(options);
    this.#flux ??= await flux();
    this.#startWatcher(this.#flux, options);
    const submitTime = Date.now() / 1000;
    const label = id === undefined ? "" : `cc=${id}: `;
    const answered = submitJobspec(this.#flux, jobspec, request).then(
      (jobid) => this.#onSubmitted(jobid, submitTime, options, streams),
      (error: unknown) => this.#onRefused(error, label, streams.stderr),
    );
    this.#inFlight.add(answered);
    void answered.finally(() => this.#inFlight.delete(answered));
    if (this.#inFlight.size >= maxInFlight) await Promise.race(this.#inFlight);
  }

  #startWatcher(flux: Flux, options: BulkJobOptions): void {
    if (this.#watcher || !(options.watch || waitEventOf(options) !== undefined)) return;
    this.#watcher = new JobWatcher(flux, {
      watch: options.watch,
      labelIo: options.labelIo,
      logStatus: options.verbose > 0,
      logEvents: options.verbose > 1,
      jps: options.jps,
      show: (jobid) => jobIdText(jobid, this.#context.env),
    });
    this.startProgress(options, 0);
  }

  #streams({ log, logStderr }: BulkJobOptions): { stdout: Output; stderr: Output } {
    const { out, err } = this.#context;
    const file = log === undefined ? undefined : this.#files.open(log);
    const errFile = logStderr === undefined ? undefined : this.#files.open(logStderr);
    return { stdout: file ?? out, stderr: errFile ?? file ?? err };
  }

  #onSubmitted(
    id: JobId,
    submitTime: number,
    options: BulkJobOptions,
    { stdout, stderr }: { stdout: Output; stderr: Output },
  ): void {
    this.#submitted++;
    if (!options.quiet) stdout.line(jobIdText(id, this.#context.env));
    this.#watcher?.add({ id, stdout, stderr, waitEvent: waitEventOf(options) }, submitTime);
    if (!this.#watcher) this.#bar?.redraw();
  }

  #onRefused(error: unknown, label: string, stderr: Output): void {
    if (!(error instanceof FluxError)) {
      this.#defect ??= error;
      return;
    }
    stderr.line(`${label}[Errno ${error.errnum}] ${error.message}`);
    this.#exitCode = 1;
    this.#submitted++;
    this.#bar?.redraw();
  }

  #progress(total: number, jps: boolean): Progress {
    const elapsed = Date.now() / 1000 - this.#startTime;
    const fraction = total === 0 ? 0 : this.#submitted / total;
    const percent = `${(fraction * 100).toFixed(1).padStart(5)}%`;
    const speed = `${(this.#submitted / elapsed).toFixed(1).padStart(4)} job/s`;
    return {
      before: `Submitting ${total} jobs: `,
      after: `${percent} ${jps ? speed : elapsedText(elapsed)}`,
      fraction,
    };
  }
}

/** The ids of --cc or --bcc; undefined if neither is given. */
export function copiesOf({ cc, bcc }: Pick<BulkOptions, "cc" | "bcc">): Idset | undefined {
  if (cc && bcc) throw new CommandError("specify only one of --cc or --bcc");
  const given = cc || bcc;
  if (!given) return undefined;
  try {
    return Idset.parse(given);
  } catch {
    throw new CommandError(`IDset(): Invalid argument: ${given}`);
  }
}

const waitEventOf = ({ wait, waitEvent }: BulkOptions): string | undefined =>
  waitEvent ?? (wait ? "clean" : undefined);
