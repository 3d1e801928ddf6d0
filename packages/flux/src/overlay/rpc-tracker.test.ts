import { Message, MessageFlag, MessageType } from "@flux-ts/protocol/message/message";
import { expect, test } from "vitest";
import { RpcTracker } from "./rpc-tracker.ts";

function request(sender: string, tag: number, flags = 0, topic = "a.b"): Message {
  return new Message({
    type: MessageType.Request,
    topic,
    flags,
    aux2: tag,
    routes: [sender, "hop"],
  });
}

test("a request is tracked until its response, a stream until its error", () => {
  const tracker = new RpcTracker();
  const once = request("a", 1);
  const stream = request("b", 1, MessageFlag.Streaming);
  tracker.onRequest(once);
  tracker.onRequest(stream);
  expect(tracker.size).toBe(2);
  tracker.onResponse(once.response(0));
  tracker.onResponse(stream.response(0));
  expect(tracker.size).toBe(1);
  tracker.onResponse(stream.response(61));
  expect(tracker.size).toBe(0);
});

test("requests without matchtag or response are not tracked", () => {
  const tracker = new RpcTracker();
  tracker.onRequest(request("a", 0));
  tracker.onRequest(request("a", 3, MessageFlag.NoResponse));
  expect(tracker.size).toBe(0);
});

test("a disconnect that passes through ends what its sender had under way", () => {
  const tracker = new RpcTracker();
  tracker.onRequest(request("a", 1));
  tracker.onRequest(request("a", 2));
  tracker.onRequest(request("b", 1));
  tracker.onRequest(request("a", 0, MessageFlag.NoResponse, "kvs.disconnect"));
  expect(tracker.size).toBe(1);
  expect(tracker.takeAll().map((message) => message.sender)).toEqual(["b"]);
});

test("taking all leaves nothing, and late responses do no harm", () => {
  const tracker = new RpcTracker();
  const first = request("a", 1);
  tracker.onRequest(first);
  expect(tracker.takeAll()).toEqual([first]);
  expect(tracker.size).toBe(0);
  tracker.onResponse(first.response(0));
  expect(tracker.size).toBe(0);
});
