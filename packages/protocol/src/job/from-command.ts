import { FluxError } from "../rpc/error.ts";
import type { JsonObject } from "../schema/json.ts";
import { type JobSize, jobSizeOf, type SizeOptions, slotLabel } from "./job-size.ts";
import { type Jobspec, setAttribute, setShellOption } from "./jobspec.ts";

/** What every submission command can say about a job besides its size. */
export interface JobOptions {
  /** Seconds; 0 or missing is no limit. */
  readonly duration?: number | undefined;
  readonly environment?: Record<string, string> | undefined;
  /** Variables whose values are mustache templates, for the job shell to expand. */
  readonly environmentTemplates?: Record<string, string> | undefined;
  readonly cwd?: string | undefined;
  readonly name?: string | undefined;
  readonly queue?: string | undefined;
  readonly bank?: string | undefined;
  /** Soft limits by lower-case name; -1 is unlimited. */
  readonly rlimits?: Record<string, number> | undefined;
  /** Files for standard I/O; output to `none` or `kvs` stays in the KVS. */
  readonly input?: string | undefined;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  /** Put task ranks before lines in files. */
  readonly labelIo?: boolean | undefined;
  readonly unbuffered?: boolean | undefined;
}

export interface CommandOptions extends SizeOptions, JobOptions {}

/**
 * The jobspec of a command, as `submit` and `run` make it. EINVAL if options contradict each
 * other.
 */
export function fromCommand(command: readonly string[], options: CommandOptions = {}): Jobspec {
  if (command.length === 0) throw new FluxError("EINVAL", "job command and arguments are missing");
  return jobspecOf(command, jobSizeOf(options), options);
}

/** The jobspec of a command whose size is settled. */
export function jobspecOf(
  command: readonly string[],
  { resources, taskCount, perResource }: JobSize,
  options: JobOptions = {},
): Jobspec {
  const jobspec: Jobspec = {
    resources,
    tasks: [{ command: [...command], slot: slotLabel, count: taskCount }],
    attributes: {
      system: {
        duration: checkedDuration(options.duration ?? 0),
        environment: { ...options.environment },
      },
    },
    version: 1,
  };
  if (perResource) setShellOption(jobspec, "per-resource", perResource);
  applyOptions(jobspec, options);
  return jobspec;
}

function checkedDuration(seconds: number): number {
  if (seconds < 0) throw new FluxError("EINVAL", "duration must not be negative");
  if (!Number.isFinite(seconds)) {
    throw new FluxError("EINVAL", "duration must be a normal, finite value");
  }
  return seconds;
}

function applyOptions(jobspec: Jobspec, options: JobOptions): void {
  const { environmentTemplates, rlimits, cwd, name, queue, bank } = options;
  if (environmentTemplates && Object.keys(environmentTemplates).length) {
    setShellOption(jobspec, "env-expand", environmentTemplates satisfies JsonObject);
  }
  if (cwd !== undefined) setAttribute(jobspec, "cwd", cwd);
  if (rlimits && Object.keys(rlimits).length) setShellOption(jobspec, "rlimit", rlimits);
  if (name !== undefined) setAttribute(jobspec, "job.name", name);
  applyIo(jobspec, options);
  if (queue !== undefined) setAttribute(jobspec, "queue", queue);
  if (bank !== undefined) setAttribute(jobspec, "bank", bank);
}

function applyIo(jobspec: Jobspec, options: JobOptions): void {
  const { input, output, error, labelIo = false, unbuffered = false } = options;
  if (input !== undefined) setFile(jobspec, "input.stdin", input);
  for (const [stream, path] of [
    ["stdout", output],
    ["stderr", error],
  ] as const) {
    if (path === undefined || path === "none" || path === "kvs") continue;
    setFile(jobspec, `output.${stream}`, path);
    if (labelIo) setShellOption(jobspec, `output.${stream}.label`, true);
  }
  if (!unbuffered) return;
  setShellOption(jobspec, "output.stdout.buffer.type", "none");
  setShellOption(jobspec, "output.stderr.buffer.type", "none");
  setShellOption(jobspec, "output.batch-timeout", 0.05);
  setShellOption(jobspec, "input.batch-timeout", 0);
}

function setFile(jobspec: Jobspec, stream: string, path: string): void {
  setShellOption(jobspec, `${stream}.type`, "file");
  setShellOption(jobspec, `${stream}.path`, path);
}
