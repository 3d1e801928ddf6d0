import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import type { OutputLog, OutputRedirect } from "@flux-ts/protocol/job/output";
import { stringifyJson } from "@flux-ts/protocol/schema/json";
import { levelLabels } from "../submission/job-text-events.ts";

/** What `attach` prints on stderr about a job. `elapsed`: seconds since it was submitted. */

const since = (elapsed: number): string => `${elapsed.toFixed(3)}s`;

/** `0.034s: job.start {json}`. */
export function eventLine(
  { name, context }: EventlogEntry,
  prefix: "job" | "exec",
  elapsed: number,
): string {
  return `${since(elapsed)}: ${prefix}.${name}${context ? ` ${stringifyJson(context)}` : ""}`;
}

/** `0.027s: job.exception JOBID type=T severity=N NOTE`. */
export function exceptionLine(entry: EventlogEntry, job: string, elapsed: number): string {
  const { type, severity, note } = entry.context ?? {};
  return `${since(elapsed)}: job.exception ${job} type=${type} severity=${severity} ${note}`;
}

/** `0.050s: flux-shell[0]: FATAL: text`; with `verbose`, where in the source it was said. */
export function shellLogLine(log: OutputLog, elapsed: number, verbose: boolean): string {
  const { rank, level, component, file, line, message } = log;
  const label = levelLabels[level];
  return [
    `${since(elapsed)}: flux-shell${rank === undefined ? "" : `[${rank}]`}`,
    ...(label ? [label] : []),
    ...(component === undefined ? [] : [component]),
    ...(verbose && file !== undefined ? [`${file}${line ? `:${line}` : ""}`] : []),
    message,
  ].join(": ");
}

/** `0: stdout redirected to PATH`. */
export function redirectLine({ rank, stream, path }: OutputRedirect): string {
  return `${rank}: ${stream} redirected${path === undefined ? "" : ` to ${path}`}`;
}
