import type { FluxError } from "@flux-ts/protocol/rpc/error";

/** Ends the shell when thrown by a plugin: the text is logged and becomes the job's exception. */
export class ShellFailure extends Error {
  readonly exitCode: number;
  /** The job has an exception already, or needs none. */
  readonly silent: boolean;

  constructor(exitCode: number, text: string, options: { silent?: boolean } = {}) {
    super(text);
    this.exitCode = exitCode;
    this.silent = options.silent ?? false;
  }
}

/** The shell was told to end at once, as a signal ends a process. */
export class ShellKilled extends Error {
  readonly signum: number;

  constructor(signum: number) {
    super(`killed by signal ${signum}`);
    this.signum = signum;
  }
}

/** As a command's exit code in sh(1): found, but not to be executed; not found. */
export function startExitCode({ code }: FluxError): number {
  if (code === "EPERM" || code === "EACCES") return 126;
  return code === "ENOENT" ? 127 : 1;
}
