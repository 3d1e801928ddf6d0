import { Role } from "../message/credential.ts";
import { anyBody } from "../rpc/body.ts";
import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/** Flags of a job (RFC 21 submit event). `PreSigned` is a matter of clients and never sent. */
export const JobFlag = { PreSigned: 1, Debug: 2, Waitable: 4, NoValidate: 8 } as const;

/** Where jobs are handed in: one service on every rank, which makes job ids of its own. */
export const jobIngest = {
  /**
   * `J` is the signed jobspec (RFC 39). Answered once the job is durable. EINVAL with the reason if
   * the jobspec is refused, EPERM if guests may not ask for that.
   */
  submit: method("job-ingest.submit", {
    roles: Role.User,
    request: { J: t.string, urgency: t.int, flags: t.int },
    response: { id: t.jobId },
  }),
  /** The clock of the job ids (RFC 19), in milliseconds: other ranks start theirs from it. */
  getinfo: method("job-ingest.getinfo", { response: { timestamp: t.int } }),
  statsGet: method("job-ingest.stats-get", { roles: Role.User, response: anyBody }),
};
