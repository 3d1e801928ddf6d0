import { openTransport } from "@flux-ts/client/connect";
import { SocketTransport } from "@flux-ts/client/connectors/socket-transport";
import type { Transport } from "@flux-ts/client/transport";
import { closeFd, openSocketPair, socketOf, writeAll } from "../native/pipe.ts";
import type { PassedFd } from "./stdio.ts";

/**
 * A message channel of a process (RFC 42): what it sends to `fd://N` arrives at a URI, and back.
 */
export interface MessageChannel {
  /** The process's end, in a variable of the channel's name. */
  readonly passed: PassedFd;
  /** The process has its end now, or never will. */
  closeTheirs(): void;
  close(): void;
}

/** Connect to `uri`, and relay messages between it and a socket for the process. */
export async function openMessageChannel(name: string, uri: string): Promise<MessageChannel> {
  const far = await openTransport(uri);
  const [ours, theirs] = openSocketPair();
  // Who connects to an fd:// socket first reads a byte that says whether it is welcome.
  writeAll(ours, Uint8Array.of(0));
  relay(far, new SocketTransport(socketOf(ours)));
  return {
    passed: { name, fd: theirs, prefix: "fd://" },
    closeTheirs: () => closeFd(theirs),
    close: () => far.close(),
  };
}

function relay(one: Transport, other: Transport): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.onMessage = (message) => to.send(message);
    from.onClose = () => to.close();
  }
}
