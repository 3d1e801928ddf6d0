import { isUrgency, Urgency } from "@flux-ts/protocol/job/urgency";
import { type Credential, isOwner } from "@flux-ts/protocol/message/credential";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { RequestOf } from "@flux-ts/protocol/rpc/method";
import type { jobManager } from "@flux-ts/protocol/services/job-manager";
import { authorize } from "./authorize.ts";
import type { Manager } from "./manager.ts";

/** `job-manager.urgency` (RFC 30): EINVAL, EPERM. Returns the urgency it had. */
export function setUrgency(
  manager: Manager,
  cred: Credential,
  { id, urgency }: RequestOf<(typeof jobManager)["urgency"]>,
): { old_urgency: number } {
  if (!isUrgency(urgency)) throw new FluxError("EINVAL", "urgency value is out of range");
  const job = manager.activeJob(id, "EINVAL", "unknown job");
  authorize(cred, job, "guests can only reprioritize their own jobs");
  if (!isOwner(cred) && urgency > Math.max(Urgency.GUEST_MAX, job.urgency)) {
    throw new FluxError("EPERM", "guests can only adjust urgency <= default");
  }
  if (job.hasResources) {
    const text = "urgency cannot be changed once resources are allocated";
    throw new FluxError("EINVAL", text);
  }
  const old_urgency = job.urgency;
  manager.events.post(job, "urgency", { userid: cred.userid, urgency });
  return { old_urgency };
}
