import { encodeFrames } from "@flux-ts/protocol/message/frames";
import type { Message } from "@flux-ts/protocol/message/message";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { expect, test } from "vitest";
import {
  checkHello,
  goodbyeRequest,
  type HelloExpectations,
  HelloRefusal,
  helloRequest,
  versionNumber,
} from "./hello.ts";

const uuid = "11111111-2222-3333-4444-555555555555";
const hello = { rank: 1, version: 22528, uuid, status: 1, hostname: "h1" };
const expected: HelloExpectations = {
  rank: 0,
  version: 22528,
  hostOf: (rank) => ["h0", "h1", "h2"][rank],
  isChild: (rank) => rank === 1,
};

function hex(message: Message): string[] {
  return encodeFrames(message).map((frame) => Buffer.from(frame).toString("hex"));
}

function refusal(change: Partial<typeof hello>): FluxError {
  try {
    checkHello(helloRequest({ ...hello, ...change }), expected);
  } catch (error) {
    if (error instanceof FluxError) return error;
  }
  throw new Error("was not refused");
}

test("hello and goodbye have the bytes of flux-core's", () => {
  const text = `{"rank":1,"version":22528,"uuid":"${uuid}","status":1,"hostname":"h1"}\0`;
  expect(hex(helloRequest(hello))).toEqual([
    "",
    Buffer.from("overlay.hello").toString("hex"),
    Buffer.from(text).toString("hex"),
    "8e01010bffffffff00000001ffffffff00000000",
  ]);
  expect(hex(goodbyeRequest())).toEqual([
    "",
    Buffer.from("overlay.goodbye").toString("hex"),
    "8e010109ffffffff00000001ffffffff00000000",
  ]);
});

test("versions are numbers of three bytes", () => {
  expect(versionNumber("0.88.0")).toBe(22528);
  expect(versionNumber("0.88.0-13-gabcdef")).toBe(22528);
  expect(versionNumber("1.2.3")).toBe(0x010203);
});

test("a proper child is accepted, whatever its patch level and with or without hostname", () => {
  expect(checkHello(helloRequest(hello), expected)).toMatchObject({ rank: 1, uuid });
  const { hostname, ...old } = { ...hello, version: 22529 };
  expect(hostname).toBe("h1");
  expect(checkHello(helloRequest(old), expected).version).toBe(22529);
});

test("another host, rank or version is EINVAL; only the last two say why", () => {
  const host = refusal({ hostname: "h2" });
  expect(host.hasText).toBe(false);
  expect((host as HelloRefusal).logged).toBe(
    "rejecting connection from h2 (rank 1): h1 is configured as rank 1: mismatched config?",
  );
  expect(refusal({ rank: 2, hostname: "h2" }).message).toBe(
    "rank 2 is not a child of rank 0: mismatched config?",
  );
  const version = refusal({ version: 22016 });
  expect(version.message).toBe("client (0.86.0) version mismatched with server (0.88.0)");
  expect(version).toBeInstanceOf(HelloRefusal);
  expect((version as HelloRefusal).versionOf).toBe(1);
  expect([host.code, version.code]).toEqual(["EINVAL", "EINVAL"]);
});

test("a hello without the owner's role is EPERM, without its keys EPROTO, with a long uuid EOVERFLOW", () => {
  const message = helloRequest(hello);
  message.rolemask = 0;
  expect(() => checkHello(message, expected)).toThrow("Operation not permitted");
  const empty = helloRequest(hello);
  empty.payload = undefined;
  expect(() => checkHello(empty, expected)).toThrow("overlay.hello.rank: expected an integer");
  expect(refusal({ uuid: "x".repeat(37) }).code).toBe("EOVERFLOW");
});
