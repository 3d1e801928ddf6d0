import { Role } from "../message/credential.ts";
import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/** Broker attributes: named strings such as `rank` and `size`. */
export const attr = {
  /** `flags` 1: immutable, so a client may cache the value. ENOENT: unset. */
  get: method("attr.get", {
    roles: Role.All,
    request: { name: t.string },
    response: { value: t.string, flags: t.int },
  }),
  list: method("attr.list", { roles: Role.All, response: { names: t.array(t.string) } }),
  /** EINVAL: not to be changed at run time (unless `force`); EPERM: immutable and set. */
  set: method("attr.set", {
    request: { name: t.string, value: t.string, force: t.optional(t.boolean) },
  }),
  rm: method("attr.rm", { request: { name: t.string } }),
};
