import { Role } from "../message/credential.ts";
import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/** Following KVS keys (flags Watch, Waitcreate and Stream of KvsFlag). */
export const kvsWatch = {
  /**
   * A response for each value. A response without payload is the sentinel that follows the content
   * there was at first. ENODATA at the end; ENOTSUP: the namespace is gone.
   */
  lookup: method("kvs-watch.lookup", {
    roles: Role.User,
    streaming: "optional",
    request: { key: t.string, namespace: t.string, flags: t.int },
    response: { val: t.optional(t.json) },
  }),
  cancel: method("kvs-watch.cancel", {
    roles: Role.User,
    noResponse: true,
    request: { matchtag: t.int },
  }),
  disconnect: method("kvs-watch.disconnect", { roles: Role.User, noResponse: true }),
};
