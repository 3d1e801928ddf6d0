import { Message, MessageType } from "@flux-ts/protocol/message/message";
import { Payload } from "@flux-ts/protocol/message/payload";
import { expect, test } from "vitest";
import { Control, controlMessage } from "./control.ts";
import { type TraceRecord, type TraceRequest, topicFilter, traceRecord } from "./trace.ts";

const all: TraceRequest = { typemask: 15, topic_glob: "*", nodeid: -1 };

function record(message: Message, asked: TraceRequest = all, rank = 1): TraceRecord | undefined {
  const traced = { prefix: "rx", rank, message, timestamp: 7 } as const;
  return traceRecord(asked, topicFilter(asked.topic_glob), traced);
}

const request = new Message({
  type: MessageType.Request,
  topic: "kvs.getroot",
  payload: Payload.json({ a: 1 }),
});

test("a record shows the payload only when asked for", () => {
  expect(record(request)).toEqual({
    timestamp: 7,
    prefix: "rx",
    rank: 1,
    name: null,
    type: 1,
    topic: "kvs.getroot",
    payload_size: 8,
    payload: null,
    errnum: 0,
    errstr: "",
  });
  expect(record(request, { ...all, full: true })?.payload).toEqual({ a: 1 });
});

test("an error response shows its errnum and text", () => {
  const response = request.response(2, Payload.text("no such key"));
  expect(record(response, { ...all, full: true })).toMatchObject({
    errnum: 2,
    errstr: "no such key",
    payload: null,
    payload_size: 0,
  });
});

test("type, peer and topic select", () => {
  expect(record(request, { ...all, typemask: 2 })).toBeUndefined();
  expect(record(request, { ...all, nodeid: 2 })).toBeUndefined();
  expect(record(request, { ...all, nodeid: 2 }, -1)).toBeDefined();
  expect(record(request, { ...all, topic_glob: "content.*" })).toBeUndefined();
  expect(record(request, { ...all, topic_glob: "kvs.[a-h]etroo?" })).toBeDefined();
});

test("control messages have a topic of their own", () => {
  expect(record(controlMessage(Control.Status, 1))?.topic).toBe("status 1");
  expect(record(controlMessage(Control.Heartbeat))?.topic).toBe("heartbeat 0");
});

test("topic patterns are those of glob(7)", () => {
  expect(topicFilter("a.b")("a.b")).toBe(true);
  expect(topicFilter("a.b")("axb")).toBe(false);
  expect(topicFilter("a[!b]c")("abc")).toBe(false);
  expect(topicFilter("a[!b]c")("axc")).toBe(true);
  expect(topicFilter("(a|b)+")("(a|b)+")).toBe(true);
});
