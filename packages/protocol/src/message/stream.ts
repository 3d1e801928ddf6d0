import { FluxError } from "../rpc/error.ts";
import { decodeFrames, protoBytes, readU32, writeProto, writeU32 } from "./frames.ts";
import type { Message } from "./message.ts";
import { writeLatin1 } from "./text.ts";

// Messages on a byte stream (UNIX sockets, external modules, ssh): 8 bytes of header, then each
// frame behind its length. flux-core differs from RFC 3 here: the magic number is in host order
// (little endian) and the length, big endian, leaves out the header.

const magicLittleEndian = [0x12, 0x00, 0xee, 0xff] as const;
const headerBytes = 8;
/** Frame lengths from here on take five bytes: ff and a 32-bit number. */
const longFrame = 255;

const framed = (length: number): number => length + (length < longFrame ? 1 : 5);

/** The bytes of a message on a stream. */
export function encodeStream(message: Message): Uint8Array {
  const { routes, topic } = message;
  const payload = message.payload?.bytes;
  let size = headerBytes + framed(protoBytes);
  if (routes) {
    size += 1;
    for (const route of routes) size += framed(route.length);
  }
  if (topic !== undefined) size += framed(topic.length);
  if (payload) size += framed(payload.length);

  const bytes = new Uint8Array(size);
  bytes.set(magicLittleEndian, 0);
  writeU32(bytes, 4, size - headerBytes);
  let at = headerBytes;
  if (routes) {
    for (let i = routes.length - 1; i >= 0; i--) at = writeText(bytes, at, routes[i]!);
    bytes[at++] = 0;
  }
  if (topic !== undefined) at = writeText(bytes, at, topic);
  if (payload) {
    at = writeLength(bytes, at, payload.length);
    bytes.set(payload, at);
    at += payload.length;
  }
  at = writeLength(bytes, at, protoBytes);
  writeProto(message, bytes, at);
  return bytes;
}

function writeText(bytes: Uint8Array, at: number, text: string): number {
  const start = writeLength(bytes, at, text.length);
  writeLatin1(text, bytes, start);
  return start + text.length;
}

function writeLength(bytes: Uint8Array, at: number, length: number): number {
  if (length < longFrame) {
    bytes[at] = length;
    return at + 1;
  }
  bytes[at] = longFrame;
  writeU32(bytes, at + 1, length);
  return at + 5;
}

/** Frames of a message body. Throws EPROTO when the lengths do not add up. */
function splitFrames(body: Uint8Array): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let at = 0; at < body.length; ) {
    let length = body[at++]!;
    if (length === longFrame) {
      if (at + 4 > body.length) throw new FluxError("EPROTO", "frame length is cut short");
      length = readU32(body, at);
      at += 4;
    }
    if (length > body.length - at) throw new FluxError("EPROTO", "frame exceeds its message");
    frames.push(body.subarray(at, at + length));
    at += length;
  }
  return frames;
}

/** Largest message accepted by default: a blob of the content store's limit and its headers. */
const maxMessageBytes = 2 ** 30 + 65536;

/**
 * Cuts a byte stream into messages. Feed it what arrives; it holds at most one unfinished message.
 * Payloads share memory with the bytes fed, so those must not be reused.
 */
export class StreamDecoder {
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  /** Bytes the message at the front takes, once its header is here; 0 before. */
  #needed = 0;
  readonly #maxBytes: number;

  constructor(maxBytes = maxMessageBytes) {
    this.#maxBytes = maxBytes;
  }

  /** The messages that are complete now. Throws EPROTO on bytes that are no message; then drop the peer. */
  *feed(chunk: Uint8Array): Generator<Message> {
    if (chunk.length === 0) return;
    this.#held.push(chunk);
    this.#heldBytes += chunk.length;
    for (;;) {
      if (this.#needed === 0) {
        if (this.#heldBytes < headerBytes) return;
        this.#needed = this.#messageBytes();
      }
      if (this.#heldBytes < this.#needed) return;
      const bytes = this.#take(this.#needed);
      this.#needed = 0;
      yield decodeFrames(splitFrames(bytes.subarray(headerBytes)));
    }
  }

  /** Bytes waiting for the rest of their message. */
  get pendingBytes(): number {
    return this.#heldBytes;
  }

  #messageBytes(): number {
    const header = this.#joined();
    for (let i = 0; i < magicLittleEndian.length; i++) {
      if (header[i] !== magicLittleEndian[i]) throw new FluxError("EPROTO", "bad magic number");
    }
    const size = readU32(header, 4) + headerBytes;
    if (size > this.#maxBytes)
      throw new FluxError("EMSGSIZE", `message of ${size} bytes is too large`);
    return size;
  }

  #take(size: number): Uint8Array {
    const bytes = this.#joined();
    const rest = bytes.subarray(size);
    this.#held = rest.length > 0 ? [rest] : [];
    this.#heldBytes = rest.length;
    return bytes.subarray(0, size);
  }

  #joined(): Uint8Array {
    if (this.#held.length === 1) return this.#held[0]!;
    const all = new Uint8Array(this.#heldBytes);
    let at = 0;
    for (const chunk of this.#held) {
      all.set(chunk, at);
      at += chunk.length;
    }
    this.#held = [all];
    return all;
  }
}
