import type { JobId } from "@flux-ts/protocol/job/fluid";
import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";
import type { Manager } from "./manager.ts";

const version = 1;

/** What outlives the instance besides the jobs (wire-jobs §4.5). */
export function saveCheckpoint({ jobs, queues }: Manager): JsonObject {
  return { version, max_jobid: jobs.maxId, queue: queues.save() };
}

/** Take over the checkpoint of an earlier life. Ones of a newer version are not understood. */
export function restoreCheckpoint(
  { jobs, queues }: Manager,
  checkpoint: JsonObject,
  options: { stopStarted: boolean },
): void {
  const { version: given = 0, max_jobid, queue } = checkpoint;
  if (typeof given !== "number" || given > version) return;
  if (typeof max_jobid === "number" || typeof max_jobid === "bigint") {
    const id = BigInt(max_jobid) as JobId;
    if (id > jobs.maxId) jobs.maxId = id;
  }
  if (Array.isArray(queue)) queues.restore(queue.filter(isJsonObject), options);
}
