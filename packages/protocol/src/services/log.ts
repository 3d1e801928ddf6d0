import { rawBody, textBody } from "../rpc/body.ts";
import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/** The broker's log (RFC 5424 lines; facts on PRI in wire-broker §5.4). */
export const log = {
  /** A raw log line without NUL. Answered only if the matchtag is not 0. */
  append: method("log.append", { request: rawBody }),
  /** Each response is one raw line. With `follow` it goes on as lines come. */
  dmesg: method("log.dmesg", {
    streaming: "required",
    request: { follow: t.boolean, nobacklog: t.optional(t.boolean) },
    response: textBody,
  }),
  cancel: method("log.cancel", { noResponse: true, request: { matchtag: t.int } }),
  clear: method("log.clear", {}),
  setattr: method("log.setattr", { request: { name: t.string, value: t.string } }),
  statsGet: method("log.stats-get", {
    response: { "ring-used": t.int, count: t.int, local: t.int, remote: t.int },
  }),
  disconnect: method("log.disconnect", { noResponse: true }),
};
