import { Role } from "../message/credential.ts";
import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/** Registration of service names (the first word of topics). Guests: only names `<uid>-...`. */
export const service = {
  add: method("service.add", { roles: Role.User, request: { service: t.string } }),
  remove: method("service.remove", { roles: Role.User, request: { service: t.string } }),
};
