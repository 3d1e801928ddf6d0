import { accessSync, constants, statSync } from "node:fs";
import { Errno, errnoText } from "@flux-ts/protocol/rpc/errno";
import { LogLevel } from "./log-level.ts";
import type { Shell } from "./shell.ts";

const fallback = "/tmp";
/**
 * A directory that could be entered just now is not looked at again; starting a task would tell.
 */
const trustMs = 1000;

/** The directory of the tasks: as submitted, or /tmp where that cannot be entered. */
export function workingDirectory(shell: Shell): string {
  const { cwd } = shell.job.jobspec.attributes.system ?? {};
  if (cwd === undefined) return process.cwd();
  const { goodDirectory } = shell.site;
  const now = performance.now();
  if (goodDirectory.path === cwd && now - goodDirectory.time < trustMs) return cwd;
  const errnum = errnoOf(cwd);
  if (errnum === 0) {
    shell.site.goodDirectory = { path: cwd, time: now };
    return cwd;
  }
  const reason = `Could not change dir to ${cwd}: ${errnoText(errnum)}`;
  const text = `host ${shell.site.hostname}: ${reason}. Going to ${fallback} instead`;
  shell.log(LogLevel.Error, text);
  return fallback;
}

/** Why a directory cannot be entered; 0 if it can. */
function errnoOf(path: string): number {
  try {
    if (!statSync(path).isDirectory()) return Errno.ENOTDIR;
    accessSync(path, constants.X_OK);
    return 0;
  } catch (error) {
    return -((error as NodeJS.ErrnoException).errno ?? -Errno.EIO);
  }
}
