import { Role } from "../message/credential.ts";
import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/** Events: published once, sequenced at rank 0, seen by every subscriber (RFC 3, RFC 6). */
export const event = {
  /** `payload` is base64 of the raw event payload; a JSON payload includes its NUL. Rank 0 only. */
  publish: method("event.publish", {
    roles: Role.User,
    request: { topic: t.string, flags: t.int, payload: t.optional(t.string) },
    response: { seq: t.int },
  }),
  /** Subscribe to topics with this prefix; the empty prefix is every event. */
  subscribe: method("event.subscribe", { request: { topic: t.string } }),
  unsubscribe: method("event.unsubscribe", { request: { topic: t.string } }),
};
