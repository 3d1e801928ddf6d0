import type { Child } from "./children.ts";

// Who has been silent for too long. Nothing here looks at a clock: times are arguments, in seconds.

export interface LivenessSettings {
  /** Silence after which a child sends its parent a heartbeat. */
  torpidMin: number;
  /** Silence after which a parent calls a child torpid; 0: never. */
  torpidMax: number;
}

/** True if the parent has heard nothing for so long that it needs a sign of life. */
export function needsHeartbeat(settings: LivenessSettings, lastSent: number, now: number): boolean {
  return now - lastSent > settings.torpidMin;
}

/** A child whose torpidity has to change, and how long it has been silent. */
export interface TorpidChange {
  readonly child: Child;
  readonly isTorpid: boolean;
  readonly silent: number;
}

/** The online children that have become torpid or are so no more. Changes nothing itself. */
export function torpidChanges(
  settings: LivenessSettings,
  online: Iterable<Child>,
  now: number,
): TorpidChange[] {
  const { torpidMax } = settings;
  const changes: TorpidChange[] = [];
  for (const child of online) {
    if (child.lastSeen === 0) continue;
    const silent = now - child.lastSeen;
    const isTorpid = torpidMax > 0 && silent >= torpidMax;
    if (isTorpid !== child.isTorpid) changes.push({ child, isTorpid, silent });
  }
  return changes;
}
