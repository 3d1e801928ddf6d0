/** Subtree status of a broker and all below it, as it travels in hello and STATUS. */
export const SubtreeStatus = {
  Unknown: 0,
  Full: 1,
  Partial: 2,
  Degraded: 3,
  Lost: 4,
  Offline: 5,
} as const;
export type SubtreeStatus = (typeof SubtreeStatus)[keyof typeof SubtreeStatus];

const names = ["unknown", "full", "partial", "degraded", "lost", "offline"] as const;

export function statusName(status: SubtreeStatus): (typeof names)[number] {
  return names[status];
}

/** The status with this number; a number that no version knows is Unknown. */
export function statusOf(value: number): SubtreeStatus {
  return value in names ? (value as SubtreeStatus) : SubtreeStatus.Unknown;
}

/** True for a child that is connected, whatever is missing below it. */
export function isOnline(status: SubtreeStatus): boolean {
  return (
    status === SubtreeStatus.Full ||
    status === SubtreeStatus.Partial ||
    status === SubtreeStatus.Degraded
  );
}

/** A broker's own status, from those of its children: the worst that is known counts. */
export function combinedStatus(children: Iterable<SubtreeStatus>): SubtreeStatus {
  let combined: SubtreeStatus = SubtreeStatus.Full;
  for (const status of children) {
    if (status === SubtreeStatus.Lost || status === SubtreeStatus.Degraded) {
      return SubtreeStatus.Degraded;
    }
    if (status === SubtreeStatus.Partial || status === SubtreeStatus.Offline) {
      combined = SubtreeStatus.Partial;
    }
  }
  return combined;
}
