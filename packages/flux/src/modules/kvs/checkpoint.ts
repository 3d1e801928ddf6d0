import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Checkpoint } from "@flux-ts/protocol/services/content";

/** The record of a root of the primary namespace (wire-jobs §1.5). */
export function checkpointOf(rootref: string, sequence: number, nowMs: number): Checkpoint {
  return { version: 1, rootref, sequence, timestamp: nowMs / 1000 };
}

/** What the newest of some checkpoints says. EINVAL if it is of a version that cannot be read. */
export function newestOf(checkpoints: readonly Checkpoint[]): {
  rootref: string;
  sequence: number;
  timestamp: number;
} {
  const { version, rootref, sequence = 0, timestamp = 0 } = checkpoints[0] ?? {};
  if (rootref === undefined || (version !== 0 && version !== 1)) {
    throw new FluxError("EINVAL", "newest checkpoint is not of version 0 or 1");
  }
  return { rootref, sequence, timestamp };
}
