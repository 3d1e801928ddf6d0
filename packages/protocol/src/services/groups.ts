import { Role } from "../message/credential.ts";
import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/** Named sets of brokers, such as `broker.online`; known as a whole on rank 0. */
export const groups = {
  /** Only from this broker itself (EPROTO). EEXIST: is a member. Ends by itself when the client goes. */
  join: method("groups.join", { request: { name: t.string } }),
  /** ENOENT: is no member. */
  leave: method("groups.leave", { request: { name: t.string } }),
  /** Members as an idset (RFC 22), empty for an unknown group; streaming: again at each change. */
  get: method("groups.get", {
    roles: Role.User,
    streaming: "optional",
    request: { name: t.string },
    response: { members: t.string },
  }),
  /** From a child to its parent: ranks that joined (`set`) or left, applied in order. */
  update: method("groups.update", {
    noResponse: true,
    request: { update: t.record(t.array(t.object({ ranks: t.string, set: t.boolean }))) },
  }),
  statsGet: method("groups.stats-get", {
    roles: Role.User,
    response: { subtree: t.record(t.string) },
  }),
  disconnect: method("groups.disconnect", { roles: Role.User, noResponse: true }),
};
