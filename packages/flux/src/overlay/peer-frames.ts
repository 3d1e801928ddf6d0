import { Role } from "@flux-ts/protocol/message/credential";
import { decodeFrames, protoBytes, writeProto } from "@flux-ts/protocol/message/frames";
import { type Message, MessageFlag } from "@flux-ts/protocol/message/message";
import { writeLatin1 } from "@flux-ts/protocol/message/text";
import { FluxError } from "@flux-ts/protocol/rpc/error";

/** A frame to send. Texts go to ZeroMQ as they are, at a third of the price of bytes. */
export type Frame = string | Uint8Array;

const delimiter = "";
const ascii = /^[\x20-\x7e]*$/;

/** A topic or an identity, which may be any bytes but hardly ever is more than ASCII. */
export function textFrame(text: string): Frame {
  if (ascii.test(text)) return text;
  const bytes = new Uint8Array(text.length);
  writeLatin1(text, bytes, 0);
  return bytes;
}

/** Frames of a message for a peer: on the overlay every message has a route part, if an empty one. */
export function framesOf(message: Message): Frame[] {
  const { routes = [] } = message;
  const frames: Frame[] = [];
  for (let i = routes.length - 1; i >= 0; i--) frames.push(textFrame(routes[i]!));
  return endFrames(frames, message);
}

/** Frames of an event for the way down or up: its routes tell nothing there and stay behind. */
export function eventFramesOf(event: Message): Frame[] {
  return endFrames([], event);
}

/** Everything after the routes. */
function endFrames(frames: Frame[], message: Message): Frame[] {
  const { topic, payload } = message;
  frames.push(delimiter);
  if (topic !== undefined) frames.push(textFrame(topic));
  if (payload) frames.push(payload.bytes);
  // From Node's pool: memory that native code can read without moving it first.
  const proto = Buffer.allocUnsafe(protoBytes);
  writeProto(message, proto, 0);
  proto[3]! |= MessageFlag.Route;
  frames.push(proto);
  return frames;
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
