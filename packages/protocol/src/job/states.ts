import { FluxError } from "../rpc/error.ts";

/** Job states (RFC 21). Numbers are bits, so that a mask says "any of these". */
export const JobState = {
  NEW: 1,
  DEPEND: 2,
  PRIORITY: 4,
  SCHED: 8,
  RUN: 16,
  CLEANUP: 32,
  INACTIVE: 64,
} as const;
export type JobStateName = keyof typeof JobState;
export type JobState = (typeof JobState)[JobStateName];

/** Virtual states (RFC 21): masks of several states. */
export const VirtualState = {
  PENDING: JobState.DEPEND | JobState.PRIORITY | JobState.SCHED,
  RUNNING: JobState.RUN | JobState.CLEANUP,
  ACTIVE: JobState.DEPEND | JobState.PRIORITY | JobState.SCHED | JobState.RUN | JobState.CLEANUP,
} as const;

/** How an inactive job ended. Bits, too. */
export const JobResult = {
  COMPLETED: 1,
  FAILED: 2,
  CANCELED: 4,
  TIMEOUT: 8,
} as const;
export type JobResultName = keyof typeof JobResult;
export type JobResult = (typeof JobResult)[JobResultName];

type Row = readonly [number: number, name: string, short: string, emoji: string];

const states: readonly Row[] = [
  [JobState.NEW, "NEW", "N", "🎁"],
  [JobState.DEPEND, "DEPEND", "D", "🛑"],
  [JobState.PRIORITY, "PRIORITY", "P", "🚦"],
  [JobState.SCHED, "SCHED", "S", "📅"],
  [JobState.RUN, "RUN", "R", "🏃"],
  [JobState.CLEANUP, "CLEANUP", "C", "🗑"],
  [JobState.INACTIVE, "INACTIVE", "I", "💀"],
  [VirtualState.PENDING, "PENDING", "PD", ""],
  [VirtualState.RUNNING, "RUNNING", "RU", ""],
  [VirtualState.ACTIVE, "ACTIVE", "A", ""],
];

const results: readonly Row[] = [
  [JobResult.COMPLETED, "COMPLETED", "CD", "😀"],
  [JobResult.FAILED, "FAILED", "F", "💩"],
  [JobResult.CANCELED, "CANCELED", "CA", "💥"],
  [JobResult.TIMEOUT, "TIMEOUT", "TO", "⌛"],
];

const byNumber = (rows: readonly Row[]) => new Map(rows.map((row) => [row[0], row]));
const stateRows = byNumber(states);
const resultRows = byNumber(results);

/** `SCHED`, `PENDING`; `(unknown)` for a number that is neither a state nor a virtual one. */
export const stateName = (state: number): string => stateRows.get(state)?.[1] ?? "(unknown)";
/** `S`, `PD`; `?` if unknown. */
export const stateShort = (state: number): string => stateRows.get(state)?.[2] ?? "?";
export const stateEmoji = (state: number): string => stateRows.get(state)?.[3] ?? "?";
/** `COMPLETED`; `(unknown)` if it is none. */
export const resultName = (result: number): string => resultRows.get(result)?.[1] ?? "(unknown)";
/** `CD`; `?` if unknown. */
export const resultShort = (result: number): string => resultRows.get(result)?.[2] ?? "?";
export const resultEmoji = (result: number): string => resultRows.get(result)?.[3] ?? "?";

/** The number of a state or virtual state from its long or short name, in one case. EINVAL else. */
export function parseState(text: string): number {
  return numberOf(states, text, "job state");
}

/** The number of a result from its long or short name, in one case. EINVAL else. */
export function parseResult(text: string): JobResult {
  return numberOf(results, text, "job result") as JobResult;
}

function numberOf(rows: readonly Row[], text: string, what: string): number {
  const wanted = text.toUpperCase();
  const isOneCase = text === wanted || text === text.toLowerCase();
  const row = rows.find(([, name, short]) => wanted === name || wanted === short);
  if (!row || !isOneCase) throw new FluxError("EINVAL", `unknown ${what} '${text}'`);
  return row[0];
}

/** States and results that a listing asks for, as masks. */
export interface JobFilter {
  readonly states: number;
  readonly results: number;
}

/**
 * A comma separated filter such as `pending,failed`, in any case. Results are alternatives to
 * states: a job matches if its state or its result is in the masks. EINVAL for an unknown name.
 */
export function parseJobFilter(text: string): JobFilter {
  let stateMask = 0;
  let resultMask = 0;
  for (const word of text.split(",")) {
    const name = word.toUpperCase();
    const state = states.find((row) => row[1] === name && name !== "NEW");
    const result = results.find((row) => row[1] === name);
    if (state) stateMask |= state[0];
    else if (result) resultMask |= result[0];
    else throw new FluxError("EINVAL", `Invalid filter specified: ${word.toLowerCase()}`);
  }
  return { states: stateMask, results: resultMask };
}

/** The exception that counts for a job's result: the most severe one, of these the first. */
export interface JobException {
  readonly type: string;
  /** 0 is fatal. */
  readonly severity: number;
}

/**
 * The result of an inactive job from its wait status (undefined if it never ran) and its
 * exception. Only a job with status 0 and without a fatal exception completed.
 */
export function resultOf(waitStatus: number | undefined, exception?: JobException): JobResult {
  if (waitStatus === 0 && exception?.severity !== 0) return JobResult.COMPLETED;
  if (exception?.type === "cancel") return JobResult.CANCELED;
  if (exception?.type === "timeout") return JobResult.TIMEOUT;
  return JobResult.FAILED;
}
