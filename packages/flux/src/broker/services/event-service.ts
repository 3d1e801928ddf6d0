import type { Handlers } from "@flux-ts/client/dispatcher";
import type { Request } from "@flux-ts/client/request";
import { Message, MessageFlag, MessageType } from "@flux-ts/protocol/message/message";
import { Payload } from "@flux-ts/protocol/message/payload";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { event } from "@flux-ts/protocol/services/event";
import { decodeBase64 } from "@flux-ts/protocol/text/base64";
import type { Port } from "../port.ts";
import type { Router } from "../router.ts";

/** The `event` service: publishing with a sequence number (rank 0), and subscriptions of modules. */
export function eventService(router: Router): Handlers<typeof event> {
  return {
    publish({ topic, flags, payload }, request) {
      if (router.rank !== 0) {
        throw new FluxError("EPROTO", "this service is only available on rank 0");
      }
      if (flags !== 0 && flags !== MessageFlag.Private) {
        throw new FluxError("EPROTO", `event flags ${flags} are invalid`);
      }
      const seq = router.publish(
        new Message({
          type: MessageType.Event,
          flags,
          userid: request.userid,
          rolemask: request.rolemask,
          topic,
          routes: [],
          payload: payload === undefined ? undefined : Payload.raw(bytesOf(payload)),
        }),
      );
      return { seq };
    },
    subscribe({ topic }, request) {
      portOf(router, request).subscribe(topic);
    },
    unsubscribe({ topic }, request) {
      if (!portOf(router, request).unsubscribe(topic)) {
        throw new FluxError("ENOENT", `no subscription to "${topic}"`);
      }
    },
  };
}

function bytesOf(base64: string): Uint8Array {
  try {
    return decodeBase64(base64);
  } catch (cause) {
    throw new FluxError("EPROTO", "event payload is not base64", { cause });
  }
}

/** The module on this broker that sent a request. */
export function portOf(router: Router, request: Request<void>): Port {
  const port = router.portOf(request.message.routes?.at(-1) ?? "");
  if (!port) throw new FluxError("EINVAL", "only modules of this broker may ask for this");
  return port;
}
