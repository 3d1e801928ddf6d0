import { FluxError } from "../rpc/error.ts";
import { behaviourFlags, Message, MessageFlag, MessageType } from "./message.ts";
import { Payload } from "./payload.ts";
import { readLatin1, writeLatin1 } from "./text.ts";

// RFC 3: a message is a list of frames: route frames (most recent hop first), an empty delimiter,
// topic, payload, and the 20-byte PROTO frame. Each is there if its flag is set.

const magic = 0x8e;
const version = 1;
export const protoBytes = 20;
/** Longest route stack accepted: far above any tree's height, low enough to bound an attacker. */
const maxRoutes = 1024;

export function flagsOf(message: Message): number {
  return (
    (message.flags & behaviourFlags) |
    (message.topic === undefined ? 0 : MessageFlag.Topic) |
    (message.payload === undefined ? 0 : MessageFlag.Payload) |
    (message.routes === undefined ? 0 : MessageFlag.Route)
  );
}

export function writeProto(message: Message, into: Uint8Array, offset: number): void {
  into[offset] = magic;
  into[offset + 1] = version;
  into[offset + 2] = message.type;
  into[offset + 3] = flagsOf(message);
  writeU32(into, offset + 4, message.userid);
  writeU32(into, offset + 8, message.rolemask);
  writeU32(into, offset + 12, message.aux1);
  writeU32(into, offset + 16, message.aux2);
}

/** The frames of a message, as ZeroMQ carries them. */
export function encodeFrames(message: Message): Uint8Array[] {
  const frames: Uint8Array[] = [];
  const { routes, topic, payload } = message;
  if (routes) {
    for (let i = routes.length - 1; i >= 0; i--) frames.push(latin1(routes[i]!));
    frames.push(new Uint8Array(0));
  }
  if (topic !== undefined) frames.push(latin1(topic));
  if (payload) frames.push(payload.bytes);
  const proto = new Uint8Array(protoBytes);
  writeProto(message, proto, 0);
  frames.push(proto);
  return frames;
}

/** The message in a list of frames. Throws EPROTO for anything RFC 3 does not allow. */
export function decodeFrames(frames: readonly Uint8Array[]): Message {
  const proto = frames[frames.length - 1];
  if (!proto) throw new FluxError("EPROTO", "message has no frames");
  const message = readProto(proto);
  const flags = proto[3]!;
  let next = 0;
  const take = (what: string): Uint8Array => {
    const frame = frames[next++];
    if (!frame || next === frames.length) throw new FluxError("EPROTO", `message has no ${what}`);
    return frame;
  };
  if (flags & MessageFlag.Route) {
    const routes: string[] = [];
    for (let frame = take("delimiter"); frame.length > 0; frame = take("delimiter")) {
      if (routes.length === maxRoutes) throw new FluxError("EPROTO", "message has too many routes");
      routes.push(readLatin1(frame, 0, frame.length));
    }
    message.routes = routes.reverse();
  }
  if (flags & MessageFlag.Topic) {
    const frame = take("topic frame");
    message.topic = readLatin1(frame, 0, frame.length);
  }
  if (flags & MessageFlag.Payload) message.payload = Payload.raw(take("payload frame"));
  if (next !== frames.length - 1) throw new FluxError("EPROTO", "message has extra frames");
  return message;
}

function readProto(proto: Uint8Array): Message {
  if (proto.length !== protoBytes || proto[0] !== magic || proto[1] !== version) {
    throw new FluxError("EPROTO", "message has no valid PROTO frame");
  }
  const flags = proto[3]!;
  const both = MessageFlag.NoResponse | MessageFlag.Streaming;
  if ((flags & both) === both) {
    throw new FluxError("EPROTO", "flags NORESPONSE and STREAMING exclude each other");
  }
  return new Message({
    type: messageType(proto[2]!),
    flags: flags & behaviourFlags,
    userid: readU32(proto, 4),
    rolemask: readU32(proto, 8),
    aux1: readU32(proto, 12),
    aux2: readU32(proto, 16),
  });
}

function messageType(value: number): MessageType {
  switch (value) {
    case MessageType.Request:
    case MessageType.Response:
    case MessageType.Event:
    case MessageType.Control:
      return value;
    default:
      throw new FluxError("EPROTO", `message type ${value} is unknown`);
  }
}

function latin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  writeLatin1(text, bytes, 0);
  return bytes;
}

export function writeU32(into: Uint8Array, offset: number, value: number): void {
  into[offset] = value >>> 24;
  into[offset + 1] = value >>> 16;
  into[offset + 2] = value >>> 8;
  into[offset + 3] = value;
}

export function readU32(from: Uint8Array, offset: number): number {
  return (
    ((from[offset]! << 24) |
      (from[offset + 1]! << 16) |
      (from[offset + 2]! << 8) |
      from[offset + 3]!) >>>
    0
  );
}
