import { f58, formatJobId, type JobId, parseJobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Environment } from "./environment.ts";
import { CommandError, UsageError } from "./usage-error.ts";

/**
 * A job id as it is printed: with `ƒ` where the locale can show it. Python tools count the C locale
 * that nobody chose as UTF-8, C tools do not.
 */
export function jobIdText(id: JobId, env: Environment, kind: "c" | "python" = "python"): string {
  return isUnicode(env, kind) ? f58(id) : formatJobId(id, "f58plain");
}

function isUnicode(env: Environment, kind: "c" | "python"): boolean {
  if (env.FLUX_F58_FORCE_ASCII !== undefined) return false;
  const chosen = env.LC_ALL || env.LC_CTYPE || env.LANG;
  if (kind === "python" && !env.LC_ALL && (!chosen || chosen === "C" || chosen === "POSIX")) {
    return true;
  }
  return /utf-?8/i.test(chosen ?? "");
}

/** A JOBID argument of a C tool. */
export function jobIdArgument(text: string): JobId {
  try {
    return parseJobId(text);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(`error parsing jobid: "${text}"`);
  }
}

/** A JOBID argument of a Python tool; `name` is how its usage calls it. */
export function jobIdOf(text: string, name = "JOBID"): JobId {
  try {
    return parseJobId(text);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new UsageError(`argument ${name}: invalid JobID value: '${text}'`);
  }
}
