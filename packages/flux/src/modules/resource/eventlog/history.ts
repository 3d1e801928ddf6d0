import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";

/**
 * What to keep of a resource eventlog whose drain state was checkpointed at `checkpoint` (seconds
 * since the epoch; 0: never): all since then, and all of the last `historySeconds`.
 */
export function keptHistory(
  eventlog: readonly EventlogEntry[],
  checkpoint: number,
  historySeconds: number,
  now: number,
): EventlogEntry[] {
  const wanted = now - historySeconds;
  const since = historySeconds > 0 && wanted > 0 ? Math.min(checkpoint, wanted) : checkpoint;
  return eventlog.filter(({ timestamp }) => timestamp >= since);
}
