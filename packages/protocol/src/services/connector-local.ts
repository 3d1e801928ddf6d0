import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/** The module that serves clients on the broker's UNIX socket. */
export const connectorLocal = {
  statsGet: method("connector-local.stats-get", {
    response: {
      server: t.object({
        clients: t.array(
          t.object({
            uuid: t.string,
            userid: t.int,
            pid: t.int,
            txcount: t.int,
            rxcount: t.int,
            rxbacklog: t.int,
          }),
        ),
        connects: t.int,
      }),
      allow_guest_user: t.boolean,
      allow_root_owner: t.boolean,
    },
  }),
};
