import { type Message, MessageType } from "@flux-ts/protocol/message/message";
import { Payload } from "@flux-ts/protocol/message/payload";
import { Errno } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { overlay } from "@flux-ts/protocol/services/overlay";
import { formatDuration } from "@flux-ts/protocol/text/duration";
import { type Child, Children } from "./children.ts";
import { Control, controlMessage } from "./control.ts";
import { checkHello, HelloRefusal, versionNumber } from "./hello.ts";
import { type LivenessSettings, torpidChanges } from "./liveness.ts";
import { eventFramesOf, type Frame, framesOf, messageFrom, textFrame } from "./peer-frames.ts";
import type { ChildSocket, PeerContext } from "./peers.ts";
import { isOnline, SubtreeStatus, statusName, statusOf } from "./subtree-status.ts";
import type { Topology } from "./topology.ts";

export interface DownstreamOptions {
  readonly topology: Topology;
  /** Such as `0.88.0`: children must have the same major and minor version. */
  readonly version: string;
}

/** The children of a broker: who they are, and what goes to and comes from them. */
export class Downstream {
  readonly children: Children;
  /** No new children: the broker is on its way out. */
  isClosing = false;
  /** Told of each change of a child's status or torpidity. */
  onChange: (child: Child) => void = () => {};
  readonly #context: PeerContext;
  readonly #topology: Topology;
  readonly #version: number;
  readonly #ownFrame: Frame;
  #socket: ChildSocket | undefined;

  constructor(options: DownstreamOptions, context: PeerContext) {
    this.#context = context;
    this.#topology = options.topology;
    this.#version = versionNumber(options.version);
    this.#ownFrame = textFrame(context.uuid);
    const ranks = options.topology.childrenOf(context.rank);
    this.children = new Children(
      ranks.map((rank) => [rank, options.topology.descendantCount(rank)] as const),
      context.now(),
    );
  }

  attach(socket: ChildSocket): void {
    this.#socket = socket;
    socket.onMessage = (frames) => this.#receive(frames);
    socket.onUnreachable = (identity) => this.#onUnreachable(identity);
  }

  /** Ask every child's connection for a sign of life: those that are gone become unreachable. */
  probe(): void {
    for (const { uuid, identity } of this.children.online) {
      this.#socket?.send(uuid, [identity, ""]);
    }
  }

  /** Send a request towards `nodeid`. False if that is not below; EHOSTUNREACH if it is not online. */
  sendRequest(nodeid: number, request: Message): boolean {
    const rank = this.#topology.childTowards(this.#context.rank, nodeid);
    const child = rank === undefined ? undefined : this.children.byRank(rank);
    if (!child) return false;
    if (!isOnline(child.status)) throw new FluxError("EHOSTUNREACH");
    child.tracker.onRequest(request);
    this.#socket?.send(child.uuid, [child.identity, this.#ownFrame, ...framesOf(request)]);
    this.#context.trace("tx", child.rank, request);
    return true;
  }

  /** Send a response, whose topmost route is a child's, or a message made for an unknown peer. */
  sendResponse(response: Message): void {
    const uuid = response.routes?.at(-1);
    if (uuid === undefined) return;
    this.#socket?.send(uuid, framesOf(response));
    this.#context.trace("tx", this.children.byUuid(uuid)?.rank ?? -1, response);
  }

  multicast(event: Message): void {
    if (this.children.onlineCount === 0) return;
    const frames = eventFramesOf(event);
    for (const { uuid, identity } of this.children.online) {
      this.#socket?.send(uuid, [identity, ...frames]);
    }
    this.#context.trace("tx", -1, event);
  }

  /** Find children that are silent for too long, or are so no more. */
  checkLiveness(settings: LivenessSettings): void {
    for (const { child, isTorpid, silent } of torpidChanges(
      settings,
      this.children.online,
      this.#context.now(),
    )) {
      child.isTorpid = isTorpid;
      const state = isTorpid
        ? `has been unresponsive for ${formatDuration(silent)}`
        : "is responsive now";
      this.#context.broker.log(3, `broker on ${this.#name(child)} ${state}`);
      this.onChange(child);
    }
  }

  /** `overlay.disconnect-subtree`. ENOENT: not a child; EINVAL: not online. */
  disconnect(rank: number): void {
    const child = this.children.byRank(rank);
    if (!child) throw new FluxError("ENOENT", "requested rank is not this broker's direct child");
    if (!isOnline(child.status)) {
      throw new FluxError("EINVAL", `rank ${rank} is already ${statusName(child.status)}`);
    }
    this.#sendDisconnect(child.uuid);
    this.#lose(child, "disconnected by request", "administrative disconnect");
  }

  #receive(frames: Uint8Array[]): void {
    const message = messageFrom(frames);
    const uuid = message?.routes?.at(-1);
    if (!message || uuid === undefined) return;
    const child = this.children.byUuid(uuid);
    if (!child) {
      this.#receiveFromStranger(uuid, message);
      return;
    }
    child.lastSeen = this.#context.now();
    this.#context.trace("rx", child.rank, message);
    switch (message.type) {
      case MessageType.Control:
        if (message.aux1 === Control.Status) this.#setStatus(child, statusOf(message.aux2));
        return;
      case MessageType.Request:
        if (message.topic === overlay.goodbye.topic) this.#goodbye(child, message);
        else this.#context.broker.receive(message);
        return;
      case MessageType.Response:
        // The ROUTER socket put the child's identity on top as if this were a request; below it is
        // our own uuid, put there when the request went down.
        message.popRoute();
        message.popRoute();
        child.tracker.onResponse(message);
        this.#context.broker.receive(message);
        return;
      case MessageType.Event:
        message.routes = undefined;
        this.#context.broker.receive(message);
        return;
    }
  }

  /** Not an online child: it may become one by saying hello; anything else ends in a disconnect. */
  #receiveFromStranger(uuid: string, message: Message): void {
    this.#context.trace("rx", -1, message);
    const isHello = message.type === MessageType.Request && message.topic === overlay.hello.topic;
    if (!isHello || this.isClosing) {
      this.#sendDisconnect(uuid);
      return;
    }
    try {
      this.#accept(uuid, message);
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
      this.#refuse(message, error);
    }
  }

  #accept(uuid: string, message: Message): void {
    const { broker, now, hostOf, rank } = this.#context;
    const hello = checkHello(message, {
      rank,
      version: this.#version,
      hostOf: (other) => (other < this.#topology.size ? hostOf(other) : undefined),
      isChild: (other) => this.children.byRank(other) !== undefined,
    });
    const child = this.children.byRank(hello.rank)!;
    const returns = isOnline(child.status);
    if (returns) {
      const text = `${this.#name(child)} reconnected after crash, dropping old connection state`;
      broker.log(3, text);
      this.#setStatus(child, SubtreeStatus.Lost, "");
    }
    this.children.identify(child, uuid, textFrame(uuid), now());
    const status = statusOf(hello.status);
    broker.log(
      returns ? 3 : 7,
      `accepting connection from ${this.#name(child)} status ${statusName(status)}`,
    );
    // The answer goes first: once online, events follow, and a child drops what precedes the answer.
    this.sendResponse(
      message.response(0, overlay.hello.response.encode({ uuid: this.#context.uuid })),
    );
    this.#setStatus(child, status, "");
  }

  #refuse(message: Message, error: FluxError): void {
    if (error instanceof HelloRefusal) {
      this.#context.broker.log(3, error.logged);
      const child =
        error.versionOf === undefined ? undefined : this.children.byRank(error.versionOf);
      if (child && !isOnline(child.status)) child.error = error.message;
    }
    const text = error instanceof HelloRefusal && error.hasText ? error.message : undefined;
    const payload = text === undefined ? undefined : Payload.text(text);
    this.sendResponse(message.response(error.errnum, payload));
  }

  #goodbye(child: Child, message: Message): void {
    this.sendResponse(message.response(0));
    this.#setStatus(child, SubtreeStatus.Offline, "administrative shutdown");
  }

  #onUnreachable(identity: string): void {
    const child = this.children.byUuid(identity);
    if (child) this.#lose(child, "failed", "lost connection");
  }

  #lose(child: Child, how: string, reason: string): void {
    const { descendants } = child;
    const others = descendants > 0 ? ` and severed contact with ${descendants} other nodes` : "";
    this.#context.broker.log(3, `${this.#name(child)} ${how}${others}`);
    this.#setStatus(child, SubtreeStatus.Lost, reason);
  }

  #setStatus(child: Child, status: SubtreeStatus, reason = ""): void {
    const { broker, now } = this.#context;
    if (!this.children.setStatus(child, status, now(), reason)) return;
    if (!isOnline(status)) {
      for (const request of child.tracker.takeAll()) {
        broker.receive(request.response(Errno.EHOSTUNREACH));
      }
    }
    this.onChange(child);
  }

  #sendDisconnect(uuid: string): void {
    this.sendResponse(controlMessage(Control.Disconnect, 0, [uuid]));
  }

  #name(child: Child): string {
    return `${this.#context.hostOf(child.rank)} (rank ${child.rank})`;
  }
}
