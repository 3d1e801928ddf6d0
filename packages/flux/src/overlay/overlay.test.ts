import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newKeyPair } from "@flux-ts/client/certificate";
import { Flux } from "@flux-ts/client/handle";
import { loopPair } from "@flux-ts/client/loop";
import { Role, stampTrusted } from "@flux-ts/protocol/message/credential";
import { Message, MessageType } from "@flux-ts/protocol/message/message";
import { Payload } from "@flux-ts/protocol/message/payload";
import { overlay as methods } from "@flux-ts/protocol/services/overlay";
import { afterEach, expect, test } from "vitest";
import { Overlay } from "./overlay.ts";
import type { OverlayBroker } from "./peers.ts";
import type { SocketSettings } from "./socket.ts";
import { SubtreeStatus } from "./subtree-status.ts";
import { Topology } from "./topology.ts";

const socketSettings: SocketSettings = {
  ipv6: true,
  childReceiveLimit: 0,
  tcpUserTimeoutSeconds: 20,
  connectTimeoutSeconds: 30,
  ioThreads: 1,
};

/** A broker reduced to its overlay: notes what it is told, and lets a test wait for it. */
class Broker implements OverlayBroker {
  readonly overlay: Overlay;
  readonly uuid: string;
  readonly keys = newKeyPair();
  readonly notes: string[] = [];
  readonly messages: Message[] = [];
  #waiting: { until: () => boolean; resolve: () => void }[] = [];

  constructor(rank: number, size: number) {
    this.uuid = `uuid-of-${rank}-${process.hrtime.bigint()}`;
    this.overlay = new Overlay(
      {
        rank,
        uuid: this.uuid,
        version: "0.88.0",
        hostname: `h${rank}`,
        topology: new Topology("kary:2", size),
        liveness: { torpidMin: 5, torpidMax: 30 },
        hostOf: (other) => `h${other}`,
      },
      this,
    );
  }

  receive(message: Message): void {
    this.messages.push(message);
    this.#note(`message ${message.topic}`);
  }

  receiveEvent(event: Message): void {
    this.#note(`event ${event.topic} ${event.sequence}`);
    this.overlay.multicastEvent(event);
  }

  log(_severity: number, text: string): void {
    this.#note(text);
  }

  parentFailed(): void {
    this.#note("parent failed");
  }

  childrenChanged(count: number): void {
    this.#note(`children ${count}`);
  }

  /** Resolves when this note was made. */
  async noted(note: string): Promise<void> {
    await this.until(() => this.notes.includes(note));
  }

  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ until: condition, resolve }));
  }

  #note(text: string): void {
    this.notes.push(text);
    this.#waiting = this.#waiting.filter(({ until, resolve }) => {
      if (!until()) return true;
      resolve();
      return false;
    });
  }
}

const folder = mkdtempSync(join(tmpdir(), "flux-overlay-"));
let open: Broker[] = [];

afterEach(() => {
  for (const { overlay } of open) overlay.close();
  open = [];
  rmSync(folder, { recursive: true, force: true });
});

/** Brokers whose sockets are real ones, all in this process. */
async function tree(size: number, endpoint?: string): Promise<Broker[]> {
  const brokers = Array.from({ length: size }, (_, rank) => new Broker(rank, size));
  open = brokers;
  const topology = new Topology("kary:2", size);
  const endpoints: (readonly string[])[] = [];
  mkdirSync(folder, { recursive: true });
  for (const [rank, { overlay, keys }] of brokers.entries()) {
    const isLeaf = topology.childrenOf(rank).length === 0;
    const wanted = isLeaf ? [] : [endpoint ?? `ipc://${folder}/tbon-${rank}`];
    endpoints.push(await overlay.bind(keys, wanted, socketSettings));
  }
  for (const [rank, broker] of brokers.entries()) {
    for (const child of topology.childrenOf(rank)) {
      broker.overlay.authorize(brokers[child]!.keys.publicKey);
    }
    const parent = topology.parentOf(rank);
    if (parent === undefined) continue;
    broker.overlay.connect(endpoints[parent]![0]!, brokers[parent]!.keys.publicKey);
  }
  for (const { overlay } of brokers) overlay.start();
  return brokers;
}

test("brokers say hello over ipc and tcp, and the tree is full", async () => {
  for (const endpoint of [undefined, "tcp://127.0.0.1:*"]) {
    const [root, child, other] = await tree(3, endpoint);
    await root!.noted("children 2");
    await child!.noted(`hello parent 0 ${root!.uuid}`);
    await other!.noted(`hello parent 0 ${root!.uuid}`);
    expect(root!.overlay.status).toBe(SubtreeStatus.Full);
    for (const { overlay } of open) overlay.close();
  }
});

test("a request travels two hops down, its response back up, each with the routes it needs", async () => {
  const [root, middle, , leaf] = (await tree(4)) as [Broker, Broker, Broker, Broker];
  await root.noted("children 2");
  await middle.noted("children 1");
  const asked = new Message({
    type: MessageType.Request,
    topic: "a.b",
    aux1: 3,
    aux2: 5,
    routes: ["client"],
    payload: Payload.json({ x: 1 }),
  });
  root.overlay.sendRequestTo(3, asked);
  await middle.noted("message a.b");
  middle.overlay.sendRequestTo(3, middle.messages[0]!);
  await leaf.noted("message a.b");
  const arrived = leaf.messages[0]!;
  expect(arrived.routes).toEqual(["client", root.uuid, middle.uuid]);
  expect(arrived.payload?.json).toEqual({ x: 1 });
  middle.messages.length = 0;
  middle.notes.length = 0;
  leaf.overlay.sendResponse(arrived.response(0));
  await middle.noted("message a.b");
  middle.overlay.sendResponse(middle.messages[0]!);
  await root.noted("message a.b");
  expect(root.messages[0]).toMatchObject({ type: MessageType.Response, routes: ["client"] });
  expect(root.overlay.stats()).toMatchObject({ "child-rpc": 0, "child-connected": 2 });
});

test("events reach every broker in order", async () => {
  const [root, , , leaf] = (await tree(4)) as [Broker, Broker, Broker, Broker];
  await root.noted("children 2");
  await root.until(() => root.overlay.status === SubtreeStatus.Full);
  for (let sequence = 1; sequence <= 3; sequence++) {
    root.overlay.multicastEvent(
      new Message({ type: MessageType.Event, topic: "e", aux1: sequence }),
    );
  }
  await leaf.noted("event e 3");
  expect(leaf.notes.filter((note) => note.startsWith("event"))).toEqual([
    "event e 1",
    "event e 2",
    "event e 3",
  ]);
  leaf.overlay.sendEventUp(new Message({ type: MessageType.Event, topic: "up" }));
});

test("a child that vanishes is lost at once, and so is the parent of one that vanishes", async () => {
  const [root, child, other] = (await tree(3)) as [Broker, Broker, Broker];
  await root.noted("children 2");
  await other.noted(`hello parent 0 ${root.uuid}`);
  root.overlay.sendRequestTo(
    1,
    new Message({ type: MessageType.Request, topic: "a.b", aux1: 1, aux2: 9, routes: ["client"] }),
  );
  await child.noted("message a.b");
  vanish(child);
  await root.noted("h1 (rank 1) failed");
  await root.noted("message a.b");
  expect(root.messages[0]).toMatchObject({ errnum: 113, matchtag: 9, routes: ["client"] });
  expect(root.overlay.status).toBe(SubtreeStatus.Degraded);
  vanish(root);
  await other.noted("parent failed");
});

/** Close the sockets without a word, as the kernel does for a process that is killed. */
function vanish({ overlay }: Broker): void {
  overlay.disconnectParent("to have nobody to tell");
  overlay.close();
}

test("a stranger's key is refused", async () => {
  const [root] = (await tree(2)) as [Broker, Broker];
  await root.noted("children 1");
  const stranger = new Broker(1, 2);
  open.push(stranger);
  const refused: string[] = [];
  await stranger.overlay.bind(stranger.keys, [], {
    ...socketSettings,
    onEvent: (text) => refused.push(text),
  });
  stranger.overlay.connect(`ipc://${folder}/tbon-0`, root.keys.publicKey);
  stranger.overlay.start();
  await expect.poll(() => refused.join("\n")).toContain("parent: handshake failed");
  expect(root.notes.filter((note) => note.startsWith("children"))).toEqual(["children 1"]);
});

test("the overlay service reports health, topology and changes", async () => {
  const [root, child] = (await tree(3)) as [Broker, Broker];
  await root.noted("children 2");
  await using flux = serving(root);
  expect(await flux.call(methods.topology, { rank: 0 })).toEqual({
    rank: 0,
    size: 3,
    children: [
      { rank: 1, size: 1, children: [] },
      { rank: 2, size: 1, children: [] },
    ],
  });
  await expect(flux.call(methods.topology, { rank: 7 })).rejects.toThrow("not this broker or its");
  const health = await flux.call(methods.health);
  expect(health).toMatchObject({ rank: 0, status: "full", children: [{ rank: 1 }, { rank: 2 }] });
  const monitor = flux.stream(methods.monitor);
  expect(await monitor.first()).toEqual({ rank: 1, status: "full", torpid: false });
  expect(await monitor.first()).toEqual({ rank: 2, status: "full", torpid: false });
  await flux.call(methods.disconnectSubtree, { rank: 1 });
  expect(await monitor.first()).toEqual({ rank: 1, status: "lost", torpid: false });
  await child.noted("parent failed");
  const [lost] = (await flux.call(methods.health)).children;
  expect(lost).toMatchObject({ status: "lost", error: "administrative disconnect" });
  const trace = flux.stream(methods.trace, { typemask: 4, topic_glob: "*", nodeid: -1 });
  const traced = trace.first();
  await flux.call(methods.statsGet);
  root.overlay.multicastEvent(new Message({ type: MessageType.Event, topic: "e", aux1: 1 }));
  expect(await traced).toMatchObject({ prefix: "tx", rank: -1, type: 4, topic: "e" });
});

test("goodbye makes a child offline, and the parent has no children any more", async () => {
  const [root, child] = (await tree(2)) as [Broker, Broker];
  await child.noted(`hello parent 0 ${root.uuid}`);
  await child.overlay.goodbye();
  await root.noted("children 0");
  expect(root.overlay.status).toBe(SubtreeStatus.Partial);
  expect(() =>
    root.overlay.sendRequestTo(1, new Message({ type: MessageType.Request, aux1: 1, routes: [] })),
  ).toThrow("No route to host");
  await root.overlay.goodbye();
});

/** A client of a broker's overlay service, with the owner's rights. */
function serving({ overlay }: Broker): Flux {
  const [client, server] = loopPair();
  overlay.serve(new Flux(server));
  const deliver = server.onMessage;
  server.onMessage = (message) => {
    stampTrusted(message, { userid: 0, rolemask: Role.Owner });
    deliver(message);
  };
  return new Flux(client);
}
