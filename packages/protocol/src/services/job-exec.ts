import { Role } from "../message/credential.ts";
import { anyBody } from "../rpc/body.ts";
import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";
import { execService } from "./exec-start.ts";

/** Starts the shells of jobs and follows them to their end (RFC 32), on rank 0. */
export const jobExec = {
  ...execService("job-exec"),
  /** From a nested instance: which shells it cannot do without. ENOENT: no such job. */
  criticalRanks: method("job-exec.critical-ranks", {
    roles: Role.User,
    request: { id: t.jobId, ranks: t.string },
  }),
  /**
   * From each shell of a job that has several; answered when all have come. flux-core's shells send
   * it without wanting a response and get one all the same.
   */
  shellBarrier: method("job-exec.shell-barrier", {
    roles: Role.User,
    request: { id: t.jobId, rank: t.int },
  }),
  /** From a resident shell that is about to write: answered when the guest logs can be read. */
  publishGuest: method("job-exec.publish-guest", { request: { id: t.jobId } }),
  /** Start or finish a job whose simulated execution waits for it. */
  override: method("job-exec.override", {
    roles: Role.User,
    request: { jobid: t.jobId, event: t.string, status: t.optional(t.int) },
  }),
  statsGet: method("job-exec.stats-get", { response: anyBody }),
};
