// RFC 3: Flux message protocol. Bytes were captured from flux-core 0.88.

import { decodeFrames, encodeFrames } from "@flux-ts/protocol/message/frames";
import { Message, MessageFlag, MessageType, nodeidAny } from "@flux-ts/protocol/message/message";
import { Payload } from "@flux-ts/protocol/message/payload";
import { encodeStream, StreamDecoder } from "@flux-ts/protocol/message/stream";
import { decodeUtf8 } from "@flux-ts/protocol/message/text";
import fc from "fast-check";
import { expect, test } from "vitest";

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.replaceAll(/\s/g, "").match(/../g) ?? [], (byte) =>
    Number.parseInt(byte, 16),
  );
const toHex = (bytes: Uint8Array): string =>
  [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const requestBytes = hex(`
  12 00 ee ff 00 00 00 30 00 08 61 74 74 72 2e 67 65 74
  10 7b226e616d65223a2273697a65227d00
  14 8e 01 01 0b ff ff ff ff 00 00 00 00 ff ff ff ff 00 00 00 01`);
const responseBytes = hex(`
  12 00 ee ff 00 00 00 38 00 08 61 74 74 72 2e 67 65 74
  18 7b2276616c7565223a2231222c22666c616773223a317d00
  14 8e 01 02 0b 00 00 00 00 00 00 00 05 00 00 00 00 00 00 00 01`);
const errorBytes = hex(`
  12 00 ee ff 00 00 00 1f 00 08 61 74 74 72 2e 67 65 74
  14 8e 01 02 09 00000000 00000005 00000002 00000002`);

const only = (bytes: Uint8Array): Message => {
  const messages = [...new StreamDecoder().feed(bytes)];
  expect(messages).toHaveLength(1);
  return messages[0]!;
};

test("a request of flux-core is read, and written as the same bytes", () => {
  const message = only(requestBytes);
  expect(message).toMatchObject({
    type: MessageType.Request,
    topic: "attr.get",
    routes: [],
    nodeid: nodeidAny,
    matchtag: 1,
  });
  expect(message.payload?.json).toEqual({ name: "size" });
  const own = new Message({
    type: MessageType.Request,
    topic: "attr.get",
    routes: [],
    aux1: nodeidAny,
    aux2: 1,
    payload: Payload.json({ name: "size" }),
  });
  expect(toHex(encodeStream(own))).toBe(toHex(requestBytes));
});

test("a response of flux-core is read, and written as the same bytes", () => {
  const message = only(responseBytes);
  expect(message).toMatchObject({ type: MessageType.Response, userid: 0, rolemask: 5, errnum: 0 });
  expect(message.payload?.json).toEqual({ value: "1", flags: 1 });
  expect(toHex(encodeStream(message))).toBe(toHex(responseBytes));
});

test("an error response carries errnum and no payload", () => {
  const message = only(errorBytes);
  expect(message).toMatchObject({ type: MessageType.Response, errnum: 2, matchtag: 2 });
  expect(message.payload).toBeUndefined();
  expect(toHex(encodeStream(message))).toBe(toHex(errorBytes));
});

test("a stream may be cut anywhere: byte by byte gives the same messages", () => {
  const all = Uint8Array.from([...requestBytes, ...responseBytes, ...errorBytes]);
  const decoder = new StreamDecoder();
  const topics: (string | undefined)[] = [];
  for (const byte of all) {
    for (const message of decoder.feed(Uint8Array.of(byte))) topics.push(message.topic);
  }
  expect(topics).toEqual(["attr.get", "attr.get", "attr.get"]);
  expect(decoder.pendingBytes).toBe(0);
});

test("wire-broker §2.12: the PROTO frame of a hello request", () => {
  const hello = new Message({
    type: MessageType.Request,
    topic: "overlay.hello",
    routes: [],
    rolemask: 1,
    aux1: nodeidAny,
    payload: Payload.json({ rank: 1 }),
  });
  const frames = encodeFrames(hello);
  expect(frames).toHaveLength(4);
  expect(frames[0]).toHaveLength(0);
  expect(decodeUtf8(frames[1]!)).toBe("overlay.hello");
  expect(toHex(frames[3]!)).toBe("8e01010bffffffff00000001ffffffff00000000");
});

test("§ Route part: the most recent hop is the first frame", () => {
  const message = new Message({ type: MessageType.Request, topic: "a", routes: ["old", "new"] });
  const frames = encodeFrames(message);
  expect(frames.slice(0, 3).map(decodeUtf8)).toEqual(["new", "old", ""]);
  expect(decodeFrames(frames).routes).toEqual(["old", "new"]);
  expect(decodeFrames(frames).sender).toBe("old");
});

test("§ Message flags: NORESPONSE and STREAMING together are refused", () => {
  const frames = encodeFrames(
    new Message({
      type: MessageType.Request,
      topic: "a",
      flags: MessageFlag.NoResponse | MessageFlag.Streaming,
    }),
  );
  expect(() => decodeFrames(frames)).toThrow(/exclude each other/);
});

test("a stream with another magic number is refused, as is a frame that exceeds its message", () => {
  const bad = requestBytes.slice();
  bad[0] = 0xff;
  expect(() => [...new StreamDecoder().feed(bad)]).toThrow(/magic/);
  const long = requestBytes.slice();
  long[9] = 0xfe;
  expect(() => [...new StreamDecoder().feed(long)]).toThrow(/exceeds/);
});

test("a message longer than the limit is refused by its header alone", () => {
  const header = hex("12 00 ee ff 7f ff ff ff");
  expect(() => [...new StreamDecoder(1000).feed(header)]).toThrow(/too large/);
});

const messages = fc.record({
  type: fc.constantFrom(...Object.values(MessageType)),
  flags: fc.constantFrom(0, 0x04, 0x10, 0x20, 0x40, 0x80, 0x90),
  userid: fc.nat(0xffffffff),
  rolemask: fc.nat(0xffffffff),
  aux1: fc.nat(0xffffffff),
  aux2: fc.nat(0xffffffff),
  topic: fc.option(fc.string({ maxLength: 300 }).map(latin1), { nil: undefined }),
  routes: fc.option(fc.array(fc.string({ minLength: 1, maxLength: 300 }).map(latin1)), {
    nil: undefined,
  }),
  bytes: fc.option(fc.uint8Array({ maxLength: 600 }), { nil: undefined }),
});

function latin1(text: string): string {
  return [...text].map((c) => String.fromCharCode(c.charCodeAt(0) & 0xff)).join("");
}

test("any message survives both encodings", () => {
  fc.assert(
    fc.property(messages, ({ bytes, ...init }) => {
      const message = new Message({ ...init, payload: bytes && Payload.raw(bytes) });
      for (const copy of [decodeFrames(encodeFrames(message)), only(encodeStream(message))]) {
        const { payload, ...header } = copy;
        const { payload: own, ...expected } = message;
        expect({ ...header }).toEqual({ ...expected });
        expect(payload && [...payload.bytes]).toEqual(own && [...own.bytes]);
      }
    }),
  );
});

test("mutated messages are either read or refused with EPROTO or EMSGSIZE, never anything else", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(requestBytes, responseBytes, errorBytes),
      fc.array(fc.tuple(fc.nat(63), fc.nat(255)), { maxLength: 6 }),
      (bytes, changes) => {
        const mutant = bytes.slice();
        for (const [at, value] of changes) mutant[at % mutant.length] = value;
        try {
          for (const message of new StreamDecoder(4096).feed(mutant)) encodeStream(message);
        } catch (error) {
          expect(error).toMatchObject({ name: "FluxError" });
        }
      },
    ),
    { numRuns: 2000 },
  );
});
