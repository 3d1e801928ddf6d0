import type { Handlers } from "@flux-ts/client/dispatcher";
import { later } from "@flux-ts/client/request";
import { matchtagNone } from "@flux-ts/protocol/message/message";
import { decodeUtf8 } from "@flux-ts/protocol/message/text";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { log } from "@flux-ts/protocol/services/log";
import type { Attributes } from "../attributes.ts";
import type { BrokerLog } from "../broker-log.ts";

const debugLevel = 7;

/** The `log` service. */
export function logService(brokerLog: BrokerLog, attributes: Attributes): Handlers<typeof log> {
  return {
    append(line, request) {
      const text = decodeUtf8(line);
      brokerLog.append(text.endsWith("\0") ? text.slice(0, -1) : text);
      // The C library sends it without NORESPONSE and with no matchtag, and reads no answer.
      return request.matchtag === matchtagNone ? later : undefined;
    },
    dmesg({ follow, nobacklog = false }, request) {
      if (!nobacklog) for (const line of brokerLog.ring.lines) request.respond(line);
      if (!follow) {
        request.end();
      } else if (brokerLog.canFollow()) {
        brokerLog.followers.add(request);
      } else {
        throw new FluxError("EAGAIN", "too many clients follow the log of this broker");
      }
      return later;
    },
    cancel: ({ matchtag }, request) => brokerLog.followers.cancel(request, matchtag),
    clear: () => brokerLog.ring.clear(),
    setattr({ name, value }) {
      if (name !== "log-stderr-level")
        throw new FluxError("ENOENT", `${name}: unknown log attribute`);
      setStderrLevel(brokerLog, value);
      attributes.set(name, value);
    },
    statsGet: () => ({
      "ring-used": brokerLog.ring.used,
      count: brokerLog.ring.count,
      local: brokerLog.local,
      remote: brokerLog.remote,
    }),
    disconnect: (_args, request) => brokerLog.followers.disconnect(request),
  };
}

/** EINVAL above debug; -1 turns it off. Text that is no number counts as 0, as atoi(3) has it. */
export function setStderrLevel(brokerLog: BrokerLog, value: string): void {
  const level = Number.parseInt(value, 10) || 0;
  if (level > debugLevel) throw new FluxError("EINVAL", "invalid level");
  brokerLog.setStderrLevel(level);
}
