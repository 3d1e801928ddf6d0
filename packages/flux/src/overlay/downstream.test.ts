import { Role } from "@flux-ts/protocol/message/credential";
import { encodeFrames } from "@flux-ts/protocol/message/frames";
import { Message, MessageFlag, MessageType } from "@flux-ts/protocol/message/message";
import { Payload } from "@flux-ts/protocol/message/payload";
import { expect, test } from "vitest";
import { Control, controlMessage } from "./control.ts";
import { Downstream } from "./downstream.ts";
import { goodbyeRequest, helloRequest } from "./hello.ts";
import type { ChildSocket, PeerContext } from "./peers.ts";
import { SubtreeStatus, statusName } from "./subtree-status.ts";
import { Topology } from "./topology.ts";

const own = "parent-uuid";

/** Rank 0 of seven brokers, with a socket that only notes what is sent. */
class Parent {
  readonly sent: string[][] = [];
  readonly received: Message[] = [];
  readonly logged: string[] = [];
  readonly changes: string[] = [];
  time = 100;
  readonly socket: ChildSocket = {
    send: (_identity, frames) => {
      this.sent.push(frames.map(shown));
    },
    onMessage: () => {},
    onUnreachable: () => {},
    onDisconnect: () => {},
  };
  readonly downstream: Downstream;

  constructor() {
    const context: PeerContext = {
      rank: 0,
      uuid: own,
      broker: {
        receive: (message) => this.received.push(message),
        receiveEvent: (message) => this.received.push(message),
        log: (severity, text) => this.logged.push(`${severity} ${text}`),
        parentFailed: () => {},
        childrenChanged: () => {},
      },
      now: () => this.time,
      hostOf: (rank) => `h${rank}`,
      trace: () => {},
    };
    const topology = new Topology("kary:2", 7);
    this.downstream = new Downstream({ topology, version: "0.88.0" }, context);
    this.downstream.onChange = ({ rank, status, isTorpid }) =>
      this.changes.push(`${rank} ${statusName(status)}${isTorpid ? " torpid" : ""}`);
    this.downstream.attach(this.socket);
  }

  /** A message arrives, as a ROUTER socket gives it: the peer's identity first. */
  receive(uuid: string, message: Message): void {
    this.socket.onMessage([Buffer.from(uuid), ...encodeFrames(message)]);
  }

  hello(rank: number, uuid: string, change: { version?: number; status?: number } = {}): void {
    const hello = { rank, version: 22528, uuid, status: 1, hostname: `h${rank}` };
    this.receive(uuid, helloRequest({ ...hello, ...change }));
  }

  take<T>(list: T[]): T[] {
    return list.splice(0);
  }
}

/** Frames as text, PROTO and other binary ones as hex. */
function shown(frame: string | Uint8Array): string {
  if (typeof frame === "string") return frame;
  const buffer = Buffer.from(frame);
  return buffer[0] === 0x8e ? buffer.toString("hex") : buffer.toString("latin1");
}

function request(nodeid: number, matchtag = 1): Message {
  return new Message({
    type: MessageType.Request,
    topic: "foo.ping",
    userid: 0,
    rolemask: 5,
    aux1: nodeid,
    aux2: matchtag,
    routes: ["client", "connector"],
  });
}

test("hello is answered with the parent's uuid, in flux-core's bytes, before anything else", () => {
  const parent = new Parent();
  parent.hello(1, "child-uuid");
  expect(parent.sent).toEqual([
    [
      "child-uuid",
      "",
      "overlay.hello",
      '{"uuid":"parent-uuid"}\0',
      "8e01020bffffffff000000000000000000000000",
    ],
  ]);
  expect(parent.changes).toEqual(["1 full"]);
  expect(parent.downstream.children.onlineCount).toBe(1);
});

test("a refused hello says why in flux-core's bytes", () => {
  const parent = new Parent();
  parent.hello(5, "child-uuid");
  expect(parent.sent).toEqual([
    [
      "child-uuid",
      "",
      "overlay.hello",
      "rank 5 is not a child of rank 0: mismatched config?\0",
      "8e01020bffffffff000000000000001600000000",
    ],
  ]);
  parent.hello(1, "child-uuid", { version: 0x005600 });
  expect(parent.sent[1]?.[3]).toBe("client (0.86.0) version mismatched with server (0.88.0)\0");
  expect(parent.downstream.children.byRank(1)?.error).toContain("version mismatched");
  expect(parent.logged.at(-1)).toContain("3 rejecting connection from h1 (rank 1): client");
  expect(parent.changes).toEqual([]);
});

test("a stranger that does not say hello is disconnected, and so is everybody while closing", () => {
  const parent = new Parent();
  const disconnect = ["ghost", "", "8e010808ffffffff000000000000000200000000"];
  parent.receive("ghost", controlMessage(Control.Heartbeat));
  expect(parent.take(parent.sent)).toEqual([disconnect]);
  parent.downstream.isClosing = true;
  parent.hello(1, "ghost");
  expect(parent.take(parent.sent)).toEqual([disconnect]);
});

test("a request goes down under the parent's uuid to the child whose subtree holds the rank", () => {
  const parent = new Parent();
  parent.hello(2, "two");
  parent.take(parent.sent);
  expect(parent.downstream.sendRequest(5, request(5))).toBe(true);
  expect(parent.sent).toEqual([
    ["two", own, "connector", "client", "", "foo.ping", "8e01010900000000000000050000000500000001"],
  ]);
  expect(parent.downstream.sendRequest(0, request(0))).toBe(false);
  expect(() => parent.downstream.sendRequest(1, request(1))).toThrow("No route to host");
});

test("two routes are taken off a response from a child, and none off a request", () => {
  const parent = new Parent();
  parent.hello(1, "one");
  const asked = request(1);
  parent.downstream.sendRequest(1, asked);
  expect(parent.downstream.children.trackedCount).toBe(1);
  const answer = asked.response(0);
  answer.routes = ["client", "connector", own];
  parent.receive("one", answer);
  expect(parent.downstream.children.trackedCount).toBe(0);
  parent.receive("one", new Message({ type: MessageType.Request, topic: "a", routes: ["x"] }));
  expect(parent.received.map(({ routes }) => routes)).toEqual([
    ["client", "connector"],
    ["x", "one"],
  ]);
});

test("RFC 12: a message from a peer loses the LOCAL role", () => {
  const parent = new Parent();
  parent.hello(1, "one");
  const rolemask = Role.Owner | Role.Local;
  parent.receive(
    "one",
    new Message({ type: MessageType.Request, topic: "a", rolemask, routes: [] }),
  );
  expect(parent.received[0]?.rolemask).toBe(Role.Owner);
});

test("events go to all online children without routes, and come up without routes", () => {
  const parent = new Parent();
  parent.hello(1, "one");
  parent.hello(2, "two");
  parent.receive("two", goodbyeRequest());
  parent.take(parent.sent);
  const event = new Message({
    type: MessageType.Event,
    topic: "heartbeat.pulse",
    userid: 0,
    rolemask: 5,
    aux1: 3,
    routes: ["origin"],
  });
  parent.downstream.multicast(event);
  expect(parent.sent).toEqual([
    ["one", "", "heartbeat.pulse", "8e01040900000000000000050000000300000000"],
  ]);
  parent.receive("one", event);
  expect(parent.received[0]?.routes).toBeUndefined();
});

test("goodbye is answered in flux-core's bytes, then the child is a stranger", () => {
  const parent = new Parent();
  parent.hello(1, "one");
  parent.take(parent.sent);
  parent.receive("one", goodbyeRequest());
  expect(parent.take(parent.sent)).toEqual([
    ["one", "", "overlay.goodbye", "8e010209ffffffff000000000000000000000000"],
  ]);
  expect(parent.downstream.children.byRank(1)).toMatchObject({
    status: SubtreeStatus.Offline,
    error: "administrative shutdown",
  });
  parent.receive("one", controlMessage(Control.Heartbeat));
  expect(parent.sent[0]?.[2]).toBe("8e010808ffffffff000000000000000200000000");
});

test("a child's STATUS changes its status", () => {
  const parent = new Parent();
  parent.hello(1, "one", { status: 2 });
  parent.receive("one", controlMessage(Control.Status, 1));
  parent.receive("one", controlMessage(Control.Status, 3));
  expect(parent.changes).toEqual(["1 partial", "1 full", "1 degraded"]);
});

test("a child that cannot be reached is lost, and what was under way is EHOSTUNREACH", () => {
  const parent = new Parent();
  parent.hello(1, "one");
  parent.downstream.sendRequest(3, request(3, 7));
  parent.downstream.sendRequest(1, request(1, 0));
  parent.socket.onUnreachable("one");
  parent.socket.onUnreachable("one");
  expect(parent.changes).toEqual(["1 full", "1 lost"]);
  expect(parent.logged.at(-1)).toBe("3 h1 (rank 1) failed and severed contact with 2 other nodes");
  expect(parent.received).toHaveLength(1);
  expect(parent.received[0]).toMatchObject({
    type: MessageType.Response,
    errnum: 113,
    matchtag: 7,
    routes: ["client", "connector"],
    payload: undefined,
  });
  expect(parent.downstream.children.byRank(1)?.error).toBe("lost connection");
});

test("a child that says hello again without having left is lost first", () => {
  const parent = new Parent();
  parent.hello(1, "one");
  parent.hello(1, "another");
  expect(parent.changes).toEqual(["1 full", "1 lost", "1 full"]);
  expect(parent.logged).toContain(
    "3 h1 (rank 1) reconnected after crash, dropping old connection state",
  );
  expect(parent.downstream.children.byUuid("one")).toBeUndefined();
  expect(parent.downstream.children.byUuid("another")?.rank).toBe(1);
});

test("an administrative disconnect tells the child and counts as lost", () => {
  const parent = new Parent();
  parent.hello(1, "one");
  parent.take(parent.sent);
  parent.downstream.disconnect(1);
  expect(parent.sent).toEqual([["one", "", "8e010808ffffffff000000000000000200000000"]]);
  expect(parent.changes.at(-1)).toBe("1 lost");
  expect(() => parent.downstream.disconnect(1)).toThrow("rank 1 is already lost");
  expect(() => parent.downstream.disconnect(4)).toThrow("not this broker's direct child");
});

test("a silent child is reported torpid once, and again when it is heard", () => {
  const parent = new Parent();
  const settings = { torpidMin: 5, torpidMax: 30 };
  parent.hello(1, "one");
  parent.time = 131;
  parent.downstream.checkLiveness(settings);
  parent.downstream.checkLiveness(settings);
  parent.receive("one", controlMessage(Control.Heartbeat));
  parent.downstream.checkLiveness(settings);
  expect(parent.changes).toEqual(["1 full", "1 full torpid", "1 full"]);
  expect(parent.logged.slice(-2)).toEqual([
    "3 broker on h1 (rank 1) has been unresponsive for 31s",
    "3 broker on h1 (rank 1) is responsive now",
  ]);
});

test("frames that are no message are ignored", () => {
  const parent = new Parent();
  parent.hello(1, "one");
  parent.take(parent.sent);
  parent.socket.onMessage([Buffer.from("one"), Buffer.alloc(0)]);
  parent.socket.onMessage([Buffer.from("one"), Buffer.from("junk")]);
  parent.socket.onMessage([]);
  expect([parent.sent, parent.received]).toEqual([[], []]);
});

test("a probe is an empty frame to each online child, which no peer takes for a message", () => {
  const parent = new Parent();
  parent.hello(1, "one");
  parent.take(parent.sent);
  parent.downstream.probe();
  expect(parent.sent).toEqual([["one", ""]]);
});

test("a stream stays tracked through its responses, until its error", () => {
  const parent = new Parent();
  parent.hello(1, "one");
  const asked = request(1);
  asked.flags = MessageFlag.Streaming;
  parent.downstream.sendRequest(1, asked);
  const answer = (errnum: number): Message => {
    const response = asked.response(errnum, Payload.json({ state: 5 }));
    response.routes = ["client", "connector", own];
    return response;
  };
  parent.receive("one", answer(0));
  expect(parent.downstream.children.trackedCount).toBe(1);
  parent.receive("one", answer(61));
  expect(parent.downstream.children.trackedCount).toBe(0);
});
