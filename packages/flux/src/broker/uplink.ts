import type { Message } from "@flux-ts/protocol/message/message";
import { FluxError } from "@flux-ts/protocol/rpc/error";

/** What the router needs of the overlay network. */
export interface Uplink {
  /** Send a request to the parent. Throws EHOSTUNREACH where there is none. */
  sendRequestUp(message: Message): void;
  /** Send a request towards the broker it names. Throws EHOSTUNREACH. */
  sendRequestTo(nodeid: number, message: Message): void;
  /** Send a response whose topmost route is a peer's. */
  sendResponse(message: Message): void;
  /** Send an unpublished event towards rank 0. */
  sendEventUp(message: Message): void;
  /** Send a published event to all children. */
  multicastEvent(message: Message): void;
}

/** The overlay of an instance with one broker. */
export const noUplink: Uplink = {
  sendRequestUp() {
    throw new FluxError("EHOSTUNREACH");
  },
  sendRequestTo() {
    throw new FluxError("EHOSTUNREACH");
  },
  sendResponse() {},
  sendEventUp() {},
  multicastEvent() {},
};
