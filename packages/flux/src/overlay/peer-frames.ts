import { Role } from "@flux-ts/protocol/message/credential";
import { decodeFrames, encodeFrames } from "@flux-ts/protocol/message/frames";
import type { Message } from "@flux-ts/protocol/message/message";
import { FluxError } from "@flux-ts/protocol/rpc/error";

/** Frames of a message for a peer: on the overlay every message has a route part, if an empty one. */
export function framesOf(message: Message): Uint8Array[] {
  if (message.routes) return encodeFrames(message);
  const routed = message.clone();
  routed.routes = [];
  return encodeFrames(routed);
}

/** Frames of an event for the way down or up: its routes tell nothing there and stay behind. */
export function eventFramesOf(event: Message): Uint8Array[] {
  const bare = event.clone();
  bare.routes = [];
  return encodeFrames(bare);
}

/**
 * The message in frames from a peer, or undefined if they are none. It did not originate on this
 * broker, whatever the peer says (RFC 12): the LOCAL role is taken off.
 */
export function messageFrom(frames: readonly Uint8Array[]): Message | undefined {
  let message: Message;
  try {
    message = decodeFrames(frames);
  } catch (error) {
    if (error instanceof FluxError) return undefined;
    throw error;
  }
  message.rolemask = (message.rolemask & ~Role.Local) >>> 0;
  return message;
}

export function identityFrame(uuid: string): Uint8Array {
  return Buffer.from(uuid, "latin1");
}
