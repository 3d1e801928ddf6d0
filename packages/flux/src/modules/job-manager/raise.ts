import type { Credential } from "@flux-ts/protocol/message/credential";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { RequestOf } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { jobManager } from "@flux-ts/protocol/services/job-manager";
import { authorize, targetUser } from "./authorize.ts";
import type { Job } from "./job.ts";
import type { Manager } from "./manager.ts";

export interface Exception {
  readonly type: string;
  /** 0 ends the job; 1 to 7 are only noted (RFC 21). */
  readonly severity: number;
  readonly note?: string | undefined;
  /** Who caused it, if anybody did. */
  readonly userid?: number | undefined;
  readonly waitStatus?: number | undefined;
}

/** Post an exception to a job and tell everybody, above all the execution service. */
export function raise(manager: Manager, job: Job, exception: Exception): void {
  const { type, severity, note = "", userid, waitStatus } = exception;
  const status: JsonObject = waitStatus === undefined ? {} : { wait_status: waitStatus };
  const user: JsonObject = userid === undefined ? {} : { userid };
  manager.events.post(job, "exception", { type, severity, note, ...user, ...status });
  manager.effects.push({
    do: "publish",
    topic: "job-exception",
    payload: { id: job.id, type, severity, ...status },
    isPrivate: true,
  });
}

/** `job-manager.raise`: EPROTO, ENOENT, EPERM. */
export function raiseOne(
  manager: Manager,
  cred: Credential,
  args: RequestOf<(typeof jobManager)["raise"]>,
): void {
  check(args);
  const job = manager.activeJob(args.id, "ENOENT");
  authorize(cred, job, "guests can only raise exceptions on their own jobs");
  const { type, severity, note, wait_status = -1 } = args;
  const waitStatus = wait_status >= 0 ? wait_status : undefined;
  raise(manager, job, { type, severity, note, userid: cred.userid, waitStatus });
}

/** `job-manager.raiseall`: EPROTO, EPERM. */
export function raiseAll(
  manager: Manager,
  cred: Credential,
  args: RequestOf<(typeof jobManager)["raiseall"]>,
): { count: number; errors: number } {
  const { type, severity, note, states, dry_run } = args;
  const text = "guests can only raise exceptions on their own jobs";
  const userid = targetUser(cred, args.userid, text);
  check(args);
  const targets = [...manager.jobs.active.values()].filter(
    (job) => job.isIn(states) && (userid === undefined || job.userid === userid),
  );
  let errors = 0;
  for (const job of dry_run ? [] : targets) {
    try {
      raise(manager, job, { type, severity, note, userid: cred.userid });
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
      // It ended by what happened to another one.
      errors++;
    }
  }
  return { count: targets.length, errors };
}

function check({ severity, type }: { severity: number; type: string }): void {
  if (severity < 0 || severity > 7) throw new FluxError("EPROTO", "invalid exception severity");
  if (type === "" || /[\s=]/.test(type)) throw new FluxError("EPROTO", "invalid exception type");
}
