import type { Message } from "@flux-ts/protocol/message/message";
import type { JsonObject } from "@flux-ts/protocol/schema/json";

/** Answer of `NAME.ping`: what was sent, who sent it, and the way it came, oldest hop first. */
export function pingResponse(
  request: JsonObject,
  message: Message,
  rank: number,
  uuid: string,
): JsonObject {
  const hops = [...(message.routes ?? []), uuid].map((identity) => identity.slice(0, 8));
  return {
    ...request,
    route: hops.join("!"),
    // Unknown userids travel as -1, since C peers pack them as 32-bit integers.
    userid: message.userid | 0,
    rolemask: message.rolemask | 0,
    rank,
  };
}
