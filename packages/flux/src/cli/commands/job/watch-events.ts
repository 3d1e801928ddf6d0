import type { Flux } from "@flux-ts/client/handle";
import { jobEvents } from "@flux-ts/client/job-events";
import { type EventlogEntry, memberText } from "@flux-ts/protocol/job/eventlog";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { isJsonObject } from "@flux-ts/protocol/schema/json";
import { jobIdArgument } from "../../job-text.ts";
import type { EventlogLines } from "../../output/eventlog-lines.ts";
import type { Output } from "../../output/output.ts";
import { CommandError } from "../../usage-error.ts";
import { eventlogPath } from "./eventlog-options.ts";

export interface WaitFor {
  readonly job: string;
  readonly event: string;
  readonly path: string;
  /** `KEY=VAL` that must be in the context of the event. */
  readonly matchContext: string | undefined;
  /** How many matches are needed. */
  readonly count: number;
  readonly timeoutSeconds: number | undefined;
  readonly waitCreate: boolean;
  /** Print the events before it, too. */
  readonly verbose: boolean;
  /** Do not print the event itself. */
  readonly quiet: boolean;
}

/** Print events of a log until one matches. */
export async function watchEvents(
  connect: () => Promise<Flux>,
  out: Output,
  lines: EventlogLines,
  wanted: WaitFor,
): Promise<void> {
  const id = jobIdArgument(wanted.job);
  const path = eventlogPath(wanted.path);
  if (wanted.count <= 0) throw new CommandError("count must be > 0");
  const test = contextTest(wanted.matchContext);
  const flux = await connect();
  const stop = new AbortController();
  let timedOut = false;
  const { timeoutSeconds } = wanted;
  const timer =
    timeoutSeconds === undefined || timeoutSeconds === Infinity
      ? undefined
      : setTimeout(() => {
          timedOut = true;
          stop.abort();
        }, timeoutSeconds * 1000);
  let matches = 0;
  try {
    const options = { waitCreate: wanted.waitCreate, signal: stop.signal };
    for await (const entry of jobEvents(flux, id, path, options)) {
      if (entry.name === wanted.event && test(entry) && ++matches === wanted.count) {
        lines.skip(entry);
        if (!wanted.quiet) out.line(lines.format(entry));
        return;
      }
      lines.skip(entry);
      if (wanted.verbose) out.line(lines.format(entry));
    }
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
    throw new CommandError(
      path === "eventlog" ? `job ${wanted.job} not found` : `eventlog path ${path} not found`,
    );
  } finally {
    clearTimeout(timer);
  }
  throw new CommandError(
    timedOut
      ? `wait-event timeout on event '${wanted.event}'`
      : `event '${wanted.event}' never received`,
  );
}

function contextTest(match: string | undefined): (entry: EventlogEntry) => boolean {
  if (match === undefined) return () => true;
  const equals = match.indexOf("=");
  if (equals < 0) throw new CommandError("must specify a context test as key=value");
  const key = match.slice(0, equals);
  const wanted = match.slice(equals + 1);
  return ({ name, context }) => {
    const value = isJsonObject(context) ? context[key] : undefined;
    return value !== undefined && (value === wanted || memberText(name, key, value) === wanted);
  };
}
