import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/** RFC 27: could this job ever run here? Offered by the scheduler. */
export const feasibility = {
  /** EOVERFLOW: never, for the reason in the text. EINVAL: the jobspec cannot be understood. */
  check: method("feasibility.check", { request: { jobspec: t.jsonObject } }),
};
