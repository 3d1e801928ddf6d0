import { type EventlogEntry, parseEntry } from "@flux-ts/protocol/job/eventlog";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import {
  type OutputEvent,
  type OutputHeader,
  parseOutputEvent,
} from "@flux-ts/protocol/job/output";
import type { FluxError } from "@flux-ts/protocol/rpc/error";
import { jobInfo, WatchFlag } from "@flux-ts/protocol/services/job-info";
import type { Flux, Following } from "./handle.ts";
import { RpcStream } from "./rpc-stream.ts";

/** Eventlogs of a job, by the names that tools have for them. */
export const eventlogPaths = {
  main: "eventlog",
  exec: "guest.exec.eventlog",
  output: "guest.output",
  input: "guest.input",
} as const;

export interface WatchOptions {
  /** Wait for the log to be there, rather than fail with ENOENT. */
  readonly waitCreate?: boolean;
  /** Call `sentinel` after the events that were there at first. */
  readonly sentinel?: () => void;
  readonly signal?: AbortSignal | undefined;
}

export interface EventSink {
  next(entry: EventlogEntry, line: string): void;
  /** No more can come; with an error if the watch failed (ENOENT: no such job). */
  end(error?: FluxError): void;
}

/** Follow an eventlog of a job by callback. */
export function followEvents(
  flux: Flux,
  id: JobId,
  path: string,
  sink: EventSink,
  { waitCreate = false, sentinel, signal }: WatchOptions = {},
): Following {
  const flags =
    (waitCreate ? WatchFlag.WaitCreate : 0) | (sentinel ? WatchFlag.InitialSentinel : 0);
  return flux.follow(
    jobInfo.eventlogWatch,
    {
      next({ event }) {
        if (event === undefined) sentinel?.();
        else sink.next(parseEntry(event), event);
      },
      end: (error) => sink.end(error),
    },
    { id, path, flags },
    { cancel: jobInfo.eventlogWatchCancel, signal },
  );
}

/** Events of an eventlog of a job, as they come, until no more can. Leaving the loop stops it. */
export function jobEvents(
  flux: Flux,
  id: JobId,
  path: string = eventlogPaths.main,
  options: WatchOptions = {},
): AsyncIterableIterator<EventlogEntry> {
  let following: Following | undefined;
  const stream = new RpcStream<EventlogEntry>(() => following?.cancel());
  const sink: EventSink = {
    next: (entry) => stream.push(entry),
    end: (error) => stream.finish(error),
  };
  following = followEvents(flux, id, path, sink, options);
  return stream;
}

/** Standard output and error of a job as it comes, with what the job shell says. */
export async function* jobOutput(
  flux: Flux,
  id: JobId,
  options: WatchOptions = {},
): AsyncIterableIterator<OutputEvent> {
  let header: OutputHeader | undefined;
  for await (const entry of jobEvents(flux, id, eventlogPaths.output, options)) {
    const event = parseOutputEvent(entry, header);
    if (event?.name === "header") header = event.context;
    if (event) yield event;
  }
}
