import { encodeFrames } from "@flux-ts/protocol/message/frames";
import { Message, MessageFlag, MessageType } from "@flux-ts/protocol/message/message";
import { Payload } from "@flux-ts/protocol/message/payload";
import { expect, test } from "vitest";
import { Control, controlMessage } from "./control.ts";
import type { ParentSocket, PeerContext } from "./peers.ts";
import { Upstream } from "./upstream.ts";

/** Rank 1, child of rank 0, with a socket that only notes what is sent. */
class Child {
  readonly sent: string[][] = [];
  readonly received: Message[] = [];
  readonly events: Message[] = [];
  readonly logged: string[] = [];
  readonly failures: string[] = [];
  time = 100;
  readonly socket: ParentSocket = {
    send: (frames) => {
      this.sent.push(frames.map(shown));
    },
    onMessage: () => {},
    onConnect: () => {},
    onDisconnect: () => {},
  };
  readonly upstream: Upstream;

  constructor() {
    const context: PeerContext = {
      rank: 1,
      uuid: "child-uuid",
      broker: {
        receive: (message) => this.received.push(message),
        receiveEvent: (message) => this.events.push(message),
        log: (severity, text) => this.logged.push(`${severity} ${text}`),
        parentFailed: (reason) => this.failures.push(reason),
        childrenChanged: () => {},
      },
      now: () => this.time,
      hostOf: (rank) => `h${rank}`,
      trace: () => {},
    };
    this.upstream = new Upstream(0, context);
    const uuid = "child-uuid";
    this.upstream.attach(this.socket, { rank: 1, version: 22528, uuid, status: 1, hostname: "h1" });
  }

  receive(message: Message): void {
    this.socket.onMessage(encodeFrames(message));
  }

  /** The parent accepts the hello. */
  accept(): this {
    this.receive(response("overlay.hello", 0, Payload.json({ uuid: "parent-uuid" })));
    this.sent.length = 0;
    return this;
  }
}

function shown(frame: string | Uint8Array): string {
  if (typeof frame === "string") return frame;
  const buffer = Buffer.from(frame);
  return buffer[0] === 0x8e ? buffer.toString("hex") : buffer.toString("latin1");
}

function response(topic: string, errnum: number, payload?: Payload): Message {
  return new Message({ type: MessageType.Response, topic, aux1: errnum, payload, routes: [] });
}

function request(): Message {
  return new Message({
    type: MessageType.Request,
    flags: MessageFlag.Streaming | MessageFlag.Upstream,
    topic: "state-machine.monitor",
    userid: 0,
    rolemask: 5,
    aux1: 1,
    aux2: 1,
    routes: [],
    payload: Payload.json({ final: 7 }),
  });
}

test("hello is the first message, others may follow at once, in flux-core's bytes", () => {
  const child = new Child();
  child.upstream.sendRequest(request());
  expect(child.sent).toEqual([
    [
      "",
      "overlay.hello",
      '{"rank":1,"version":22528,"uuid":"child-uuid","status":1,"hostname":"h1"}\0',
      "8e01010bffffffff00000001ffffffff00000000",
    ],
    ["", "state-machine.monitor", '{"final":7}\0', "8e01015b00000000000000050000000100000001"],
  ]);
});

test("the answer to hello gives the parent's uuid", () => {
  const child = new Child();
  expect(child.upstream.uuid).toBeUndefined();
  child.accept();
  expect(child.upstream.uuid).toBe("parent-uuid");
  expect(child.failures).toEqual([]);
});

test("before that, other messages are dropped", () => {
  const child = new Child();
  child.receive(new Message({ type: MessageType.Event, topic: "e", aux1: 1, routes: [] }));
  expect(child.events).toEqual([]);
  expect(child.logged).toEqual([
    "3 DROP upstream message topic e: message received before hello handshake completed",
  ]);
});

test("a refused hello is logged and ends the parent, and goodbye needs no answer then", () => {
  const child = new Child();
  child.receive(response("overlay.hello", 22, Payload.text("mismatched config?")));
  expect(child.failures).toEqual(["overlay.hello: mismatched config?"]);
  let done = 0;
  child.upstream.goodbye(() => done++);
  expect(done).toBe(1);
  const silent = new Child();
  silent.receive(response("overlay.hello", 22));
  expect(silent.failures).toEqual(["overlay.hello: Invalid argument"]);
});

test("hello is repeated when the connection was cut before the answer", () => {
  const child = new Child();
  child.socket.onConnect();
  child.socket.onDisconnect();
  expect([child.sent.length, child.failures.length]).toEqual([1, 0]);
  child.socket.onConnect();
  expect(child.sent[1]).toEqual(child.sent[0]);
});

test("heartbeats and status have flux-core's bytes, the former only in silence", () => {
  const child = new Child().accept();
  const settings = { torpidMin: 5, torpidMax: 30 };
  child.upstream.sendStatus(2);
  child.time = 105;
  child.upstream.checkLiveness(settings);
  expect(child.sent).toEqual([["", "8e010808ffffffff000000000000000100000002"]]);
  child.time = 105.5;
  child.upstream.checkLiveness(settings);
  child.upstream.checkLiveness(settings);
  expect(child.sent.slice(1)).toEqual([["", "8e010808ffffffff000000000000000000000000"]]);
});

test("events come without routes, requests keep the parent's uuid on top", () => {
  const child = new Child().accept();
  child.receive(new Message({ type: MessageType.Event, topic: "e", aux1: 4, routes: [] }));
  expect(child.events[0]).toMatchObject({ sequence: 4, routes: undefined });
  const routes = ["client", "parent-uuid"];
  child.receive(new Message({ type: MessageType.Request, topic: "foo.ping", routes }));
  expect(child.received[0]?.routes).toEqual(routes);
});

test("a disconnect fails what is under way and the parent, and nothing is sent any more", () => {
  const child = new Child().accept();
  child.upstream.sendRequest(request());
  child.receive(controlMessage(Control.Disconnect));
  expect(child.failures).toEqual(["h0 (rank 0) sent disconnect control message"]);
  expect(child.received[0]).toMatchObject({ errnum: 113, matchtag: 1 });
  expect(child.received[0]?.payload?.text).toBe("overlay disconnect");
  expect(() => child.upstream.sendRequest(request())).toThrow("No route to host");
  child.receive(controlMessage(Control.Disconnect));
  child.socket.onDisconnect();
  expect(child.failures).toHaveLength(1);
});

test("a cut connection is a lost parent", () => {
  const child = new Child().accept();
  child.socket.onDisconnect();
  expect(child.failures).toEqual(["lost the connection to the parent, h0 (rank 0)"]);
});

test("goodbye is done when it is answered, and the parent is gone then", () => {
  const child = new Child().accept();
  let done = 0;
  child.upstream.goodbye(() => done++);
  expect(child.sent).toEqual([["", "overlay.goodbye", "8e010109ffffffff00000001ffffffff00000000"]]);
  expect(() => child.upstream.sendRequest(request())).toThrow("No route to host");
  expect(done).toBe(0);
  child.receive(response("overlay.goodbye", 0));
  expect(done).toBe(1);
  child.socket.onDisconnect();
  expect(child.failures).toEqual([]);
});

test("an administrative disconnect gives its reason", () => {
  const child = new Child().accept();
  child.upstream.disconnect("no heartbeat for 5m");
  expect(child.failures).toEqual(["disconnecting: no heartbeat for 5m"]);
});
