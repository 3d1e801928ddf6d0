import type { JobId } from "@flux-ts/protocol/job/fluid";
import { VirtualState } from "@flux-ts/protocol/job/states";
import type { Credential } from "@flux-ts/protocol/message/credential";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { RequestOf } from "@flux-ts/protocol/rpc/method";
import type { jobManager } from "@flux-ts/protocol/services/job-manager";
import { authorize, targetUser } from "./authorize.ts";
import type { Manager } from "./manager.ts";

/** One more than the largest signal number of Linux. */
const signalLimit = 65;

/** `job-manager.kill`: EINVAL, EPERM. The shells of the job listen for the event. */
export function kill(
  manager: Manager,
  cred: Credential,
  { id, signum }: RequestOf<(typeof jobManager)["kill"]>,
): void {
  check(signum);
  const job = manager.activeJob(id, "EINVAL");
  authorize(cred, job, "guests may only send signals to their own jobs");
  if (!job.isIn(VirtualState.RUNNING)) throw new FluxError("EINVAL", "job is not running");
  publish(manager, id, signum);
}

/** `job-manager.killall`: EINVAL, EPERM. */
export function killAll(
  manager: Manager,
  cred: Credential,
  args: RequestOf<(typeof jobManager)["killall"]>,
): { count: number; errors: number } {
  const userid = targetUser(cred, args.userid, "guests can only kill their own jobs");
  check(args.signum);
  let count = 0;
  for (const job of manager.jobs.active.values()) {
    if (!job.isIn(VirtualState.RUNNING)) continue;
    if (userid !== undefined && job.userid !== userid) continue;
    count++;
    if (!args.dry_run) publish(manager, job.id, args.signum);
  }
  return { count, errors: 0 };
}

function check(signum: number): void {
  if (signum <= 0 || signum >= signalLimit) throw new FluxError("EINVAL", "Invalid signal number");
}

function publish({ effects }: Manager, id: JobId, signum: number): void {
  const topic = `shell-${id}.kill`;
  effects.push({ do: "publish", topic, payload: { signum }, isPrivate: false });
}
