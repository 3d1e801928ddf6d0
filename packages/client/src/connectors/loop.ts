import type { Message } from "@flux-ts/protocol/message/message";
import { loopPair } from "../loop.ts";
import type { Transport } from "../transport.ts";

/** A connection to oneself (`loop://`): every message sent comes back. For tests of handles. */
export async function connectLoop(): Promise<Transport> {
  const [near, far] = loopPair();
  far.onMessage = (message: Message) => far.send(message);
  return near;
}
