import { signalText } from "./signal.ts";

/**
 * Wait statuses as wait(2) reports them and as they travel in Flux messages: the low seven bits
 * are the signal that ended a process, else the second byte is its exit code.
 */

/** The status of a process that exited with this code. */
export const exitedStatus = (code: number): number => (code & 0xff) << 8;

/** The status of a process that this signal ended. */
export const signaledStatus = (signum: number): number => signum & 0x7f;

/** The signal that ended the process, or 0 if it exited. */
export function signalOf(status: number): number {
  const signum = status & 0x7f;
  return signum === 0x7f ? 0 : signum;
}

export const isSignaled = (status: number): boolean => signalOf(status) !== 0;

export const isExited = (status: number): boolean => (status & 0x7f) === 0;

/** The process ended and left a core file. */
export const dumpedCore = (status: number): boolean => isSignaled(status) && (status & 0x80) !== 0;

/** The exit code as a shell reports it: 128 + signal number for a process ended by a signal. */
export function exitCodeOf(status: number): number {
  const signum = signalOf(status);
  return signum ? 128 + signum : (status >> 8) & 0xff;
}

/** `Exited (rc=1)`, or the signal, as in `Killed`: how a process ended. */
export function statusText(status: number): string {
  const signum = signalOf(status);
  return signum ? signalText(signum) : `Exited (rc=${exitCodeOf(status)})`;
}

/** `Exit 2` or `Segmentation fault`: the short form, for notes about a task. */
export function statusNote(status: number): string {
  const signum = signalOf(status);
  return signum ? signalText(signum) : `Exit ${exitCodeOf(status)}`;
}

/**
 * How a job ended, from the status in its finish event; empty for success. A job shell exits with
 * 128 + signal number if a task was signaled: a signal in the status itself ended the shell.
 */
export function jobStatusText(status: number): string {
  const signum = signalOf(status);
  if (signum) return `job shell ${signalText(signum)}`;
  const code = exitCodeOf(status);
  if (code > 128) return `task(s) ${signalText(code - 128)}`;
  return code > 0 ? `task(s) exited with exit code ${code}` : "";
}
