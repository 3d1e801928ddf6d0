import { Role } from "../message/credential.ts";
import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/** The broker process itself. */
export const broker = {
  getenv: method("broker.getenv", {
    request: { names: t.array(t.string) },
    response: { env: t.record(t.string) },
  }),
  /** A null value unsets. */
  setenv: method("broker.setenv", { request: { env: t.record(t.nullable(t.string)) } }),
  /**
   * Paths compiled into flux-core; here, where this installation has them. EINVAL: unknown key. What is
   * no string is skipped.
   */
  confBuiltin: method("broker.conf-builtin", {
    roles: Role.All,
    request: { keys: t.array(t.json) },
    response: { values: t.record(t.string) },
  }),
  disconnect: method("broker.disconnect", { noResponse: true }),
};
