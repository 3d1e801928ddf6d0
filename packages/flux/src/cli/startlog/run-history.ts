import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import { formatDuration } from "@flux-ts/protocol/text/duration";
import { dateTime } from "../output/time.ts";

export interface RunHistory {
  /** A line for each run of the instance. */
  readonly text: string;
  /** The last run that ended did not end cleanly, or the one before the current did not. */
  readonly hasCrashed: boolean;
}

export interface HistoryOptions {
  /** Versions of events that are understood; others are ignored. */
  readonly version: number;
  readonly showVersion: boolean;
  /** Seconds since the epoch. */
  readonly now: number;
}

/** What the log of an instance's starts and ends says. */
export function runHistory(
  events: readonly EventlogEntry[],
  { version, showVersion, now }: HistoryOptions,
): RunHistory {
  let text = "";
  let hasCrashed = false;
  let isRunning = false;
  let last = 0;
  for (const { timestamp, name, context } of events) {
    const { version: given, core_version: core } = context ?? {};
    if (typeof given !== "number" || given < 0 || given > version) continue;
    if (name === "start") {
      // Nothing told of the end of the run before.
      if (isRunning) text += "crashed\n";
      hasCrashed ||= isRunning;
      if (showVersion) text += `${String(core ?? "").padStart(25)}  `;
      text += `${minute(timestamp)} - `;
      isRunning = true;
    } else if (name === "finish") {
      if (isRunning) {
        text += `${minute(timestamp)} (${formatDuration(timestamp - last, 2)})\n`;
        hasCrashed = false;
      }
      isRunning = false;
    }
    last = timestamp;
  }
  if (isRunning) text += `running (${formatDuration(Math.max(0, now - last), 2)})\n`;
  return { text, hasCrashed };
}

/** `2026-11-22 08:59`. */
const minute = (seconds: number): string => dateTime(seconds).slice(0, 16).replace("T", " ");
