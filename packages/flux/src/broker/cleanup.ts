import type { Flux } from "@flux-ts/client/handle";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { RunStep } from "./run-level.ts";

/** State mask of jobs that hold resources (RFC 21 RUN). */
const stateRun = 16;

/**
 * What ends the jobs of an instance before it shuts down, in order. flux-core starts a command for
 * each; the broker asks the services itself, so that stopping takes no process starts.
 */
const requests: readonly [name: string, topic: string, payload: JsonObject][] = [
  ["queue stop", "job-manager.queue-start", { start: false, all: true, nocheckpoint: true }],
  ["resource acquire-mute", "resource.acquire-mute", {}],
  [
    "cancel running jobs",
    "job-manager.raiseall",
    { dry_run: false, userid: -1, states: stateRun, severity: 0, type: "cancel" },
  ],
  ["queue idle", "job-manager.idle", {}],
];

export function cleanupSteps(flux: Flux): RunStep[] {
  return requests.map(([name, topic, payload]) => ({
    name,
    async run() {
      try {
        await flux.rpc(topic, payload);
      } catch (error) {
        // An instance without job services has no jobs to end.
        if (!isErrno(error, "ENOSYS")) throw error;
      }
    },
  }));
}
