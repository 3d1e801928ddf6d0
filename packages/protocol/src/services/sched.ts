import { rObject } from "../resource/r-object.ts";
import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/** Kinds of responses to `sched.alloc` (RFC 27). */
export const AllocType = { Success: 0, Annotate: 1, Deny: 2, Cancel: 3 } as const;
export type AllocType = (typeof AllocType)[keyof typeof AllocType];

/**
 * The scheduler (RFC 27). `alloc` and `free` travel without matchtag: requests and responses are
 * matched by job id, and `alloc` may be answered several times.
 */
export const sched = {
  alloc: method("sched.alloc", {
    request: {
      id: t.jobId,
      priority: t.int,
      userid: t.int,
      t_submit: t.optional(t.real),
      jobspec: t.jsonObject,
    },
    response: {
      id: t.jobId,
      type: t.int,
      R: t.optional(rObject),
      annotations: t.optional(t.jsonObject),
      note: t.optional(t.string),
    },
  }),
  /** Never answered, although it lacks the NORESPONSE flag: an answer means the scheduler failed. */
  free: method("sched.free", {
    request: { id: t.jobId, R: rObject, final: t.optional(t.boolean) },
  }),
  cancel: method("sched.cancel", { noResponse: true, request: { id: t.jobId } }),
  /** `jobs`: pairs of job id and priority. */
  prioritize: method("sched.prioritize", {
    noResponse: true,
    request: { jobs: t.array(t.array(t.json)) },
  }),
  /** EINVAL refuses the new expiration. */
  expiration: method("sched.expiration", { request: { id: t.jobId, expiration: t.number } }),
  resourceStatus: method("sched.resource-status", {
    response: { all: rObject, allocated: rObject, down: rObject },
  }),
};
