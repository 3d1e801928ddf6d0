import { Role } from "../message/credential.ts";
import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/** Topic of the event that rank 0 publishes each period. */
export const heartbeatPulse = "heartbeat.pulse";

export const heartbeat = {
  statsGet: method("heartbeat.stats-get", {
    roles: Role.None,
    response: { period: t.real, timeout: t.real, count: t.int, warn_thresh: t.int },
  }),
};
