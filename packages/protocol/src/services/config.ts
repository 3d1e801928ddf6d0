import { Role } from "../message/credential.ts";
import { anyBody } from "../rpc/body.ts";
import { method } from "../rpc/method.ts";

/** The instance's configuration (wire-broker §5.7). Followers stream it from their parent. */
export const config = {
  get: method("config.get", { roles: Role.User, streaming: "optional", response: anyBody }),
  /** Read the files again. Rank 0 only. */
  reload: method("config.reload", { request: anyBody }),
  /** Replace the configuration by the request's object. Rank 0 only. */
  load: method("config.load", { request: anyBody }),
  disconnect: method("config.disconnect", { roles: Role.User, noResponse: true }),
};
