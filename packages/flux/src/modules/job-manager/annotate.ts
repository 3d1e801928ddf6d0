import type { Credential } from "@flux-ts/protocol/message/credential";
import type { RequestOf } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { jobManager } from "@flux-ts/protocol/services/job-manager";
import { authorize } from "./authorize.ts";
import type { Job } from "./job.ts";
import { mergeObjects, withoutMember } from "./json-path.ts";
import type { Manager } from "./manager.ts";

/** Merge into the annotations of a job (RFC 27) and tell journal listeners. */
export function updateAnnotations(manager: Manager, job: Job, update: JsonObject): void {
  job.annotations = mergeObjects(job.annotations, update);
  publish(manager, job);
}

/** Drop all annotations, or those below `key`. */
export function clearAnnotations(manager: Manager, job: Job, key?: string): void {
  if (!job.annotations) return;
  const rest = key === undefined ? {} : withoutMember(job.annotations, key);
  if (Object.keys(rest).length > 0) {
    job.annotations = rest;
  } else {
    job.annotations = undefined;
    publish(manager, job);
  }
}

function publish({ events }: Manager, job: Job): void {
  const context = { annotations: job.annotations ?? null };
  events.post(job, "annotations", context, { isVolatile: true });
}

/** `job-manager.memo`: ENOENT, EPERM. */
export function memo(
  manager: Manager,
  cred: Credential,
  args: RequestOf<(typeof jobManager)["memo"]>,
): void {
  const job = manager.activeJob(args.id, "ENOENT");
  authorize(cred, job, "guests can only add a memo to their own jobs");
  manager.events.post(job, "memo", args.memo, { isVolatile: args.volatile ?? false });
}
