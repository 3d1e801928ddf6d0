import { Message, MessageFlag, MessageType, nodeidAny } from "@flux-ts/protocol/message/message";
import { Payload } from "@flux-ts/protocol/message/payload";
import { encodeStream } from "@flux-ts/protocol/message/stream";

/** Messages of every kind as they travel on a socket: what a fuzzer begins with. */
export function sampleMessages(): Uint8Array[] {
  const request = (topic: string, payload: Parameters<typeof Payload.json>[0], flags = 0) =>
    new Message({
      type: MessageType.Request,
      flags,
      topic,
      routes: [],
      aux1: nodeidAny,
      aux2: 1,
      payload: Payload.json(payload),
    });
  const { Streaming, NoResponse, Upstream } = MessageFlag;
  return [
    request("attr.get", { name: "size" }),
    request("broker.ping", { seq: 1, pad: "x".repeat(300) }),
    request("event.subscribe", { topic: "a" }),
    request("service.add", { service: "fuzz" }),
    request("kvs.lookup", { key: "a.b", flags: 0, namespace: "primary" }),
    request("kvs.commit", {
      namespace: "primary",
      flags: 0,
      ops: [{ key: "fuzz", flags: 0, dirent: { ver: 1, type: "val", data: "AAAA" } }],
    }),
    request("kvs-watch.lookup", { key: "a", flags: 4, namespace: "primary" }, Streaming),
    request("job-ingest.submit", { J: "a.b.none", urgency: 16, flags: 0 }),
    request("job-list.list", { max_entries: 1, attrs: ["all"] }),
    request("job-manager.raise", { id: 1, severity: 0, type: "cancel" }),
    request("groups.get", { name: "broker.online" }, Streaming),
    request("log.dmesg", { follow: false }, Streaming),
    request("content.load", {}, Upstream),
    request("rexec.list", {}, NoResponse),
    new Message({ type: MessageType.Event, topic: "fuzz.event", routes: [] }),
    new Message({ type: MessageType.Response, topic: "x.y", routes: ["a", "b"], aux2: 7 }),
    new Message({ type: MessageType.Control, routes: [], aux1: 1, aux2: 2 }),
  ].map(encodeStream);
}
