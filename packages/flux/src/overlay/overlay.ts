import type { Flux } from "@flux-ts/client/handle";
import type { Message } from "@flux-ts/protocol/message/message";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { ResponseOf } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { overlay, Subtree } from "@flux-ts/protocol/services/overlay";
import type { KeyPair } from "@flux-ts/protocol/text/certificate";
import type { Child } from "./children.ts";
import { Downstream } from "./downstream.ts";
import { versionNumber } from "./hello.ts";
import type { LivenessSettings } from "./liveness.ts";
import { OverlayService, type OverlayView } from "./overlay-service.ts";
import type { OverlayBroker, PeerContext } from "./peers.ts";
import { changedLiveness } from "./settings.ts";
import type { PeerSockets, SocketSettings } from "./socket.ts";
import { combinedStatus, SubtreeStatus } from "./subtree-status.ts";
import type { Topology } from "./topology.ts";
import { Upstream } from "./upstream.ts";

export interface OverlayOptions {
  readonly rank: number;
  /** `broker.uuid`: also the identity of the connection to the parent. */
  readonly uuid: string;
  /** Such as `0.88.0`: what peers must agree with. */
  readonly version: string;
  readonly hostname: string;
  readonly topology: Topology;
  readonly liveness: LivenessSettings;
  /** Name of the host of a rank, from the instance's hostlist. */
  hostOf(rank: number): string;
}

/** Liveness is looked at with each heartbeat event, though not more often than this ... */
const minCheckSeconds = 1;
/** ... and not more seldom than this where no heartbeats come. */
const maxCheckSeconds = 5;
/** When to find out which child was cut off: libzmq forgets a peer shortly after it reports the loss. */
const probeDelaysMs = [5, 100];

/**
 * The tree overlay network (TBON) of one broker: its parent, its children, what travels between them
 * and how they are (wire-broker §2). The router hands messages to it and gets those of the peers.
 */
export class Overlay implements OverlayView {
  readonly rank: number;
  status: SubtreeStatus;
  statusSince: number;
  readonly #options: OverlayOptions;
  readonly #broker: OverlayBroker;
  readonly #downstream: Downstream;
  readonly #upstream: Upstream | undefined;
  readonly #service: OverlayService;
  #liveness: LivenessSettings;
  #sockets: PeerSockets | undefined;
  #checkTimer: NodeJS.Timeout | undefined;
  #probeTimers: NodeJS.Timeout[] = [];
  #lastCheck = 0;

  constructor(options: OverlayOptions, broker: OverlayBroker) {
    const { rank, topology } = options;
    this.rank = rank;
    this.#options = options;
    this.#broker = broker;
    this.#liveness = options.liveness;
    this.#service = new OverlayService(this);
    const context: PeerContext = {
      rank,
      uuid: options.uuid,
      broker,
      now: () => this.now(),
      hostOf: (other) => options.hostOf(other),
      trace: (prefix, peer, message) => {
        if (!this.#service.isTracing) return;
        this.#service.trace({ prefix, rank: peer, message, timestamp: Date.now() / 1000 });
      },
    };
    this.#downstream = new Downstream({ topology, version: options.version }, context);
    this.#downstream.onChange = (child) => this.#onChildChange(child);
    const parent = topology.parentOf(rank);
    this.#upstream = parent === undefined ? undefined : new Upstream(parent, context);
    this.status = this.#combinedStatus();
    this.statusSince = this.now();
  }

  /** Seconds on a monotonic clock. */
  now(): number {
    return performance.now() / 1000;
  }

  get children(): Iterable<Child> {
    return this.#downstream.children;
  }

  /** Children that are connected. */
  get onlineCount(): number {
    return this.#downstream.children.onlineCount;
  }

  /** Serve `overlay.*` on a handle that has this service name. */
  serve(flux: Flux): void {
    this.#service.serve(flux);
  }

  /**
   * Make the sockets and bind the one for children at these endpoints; none on a leaf. Returns the
   * endpoints as they came out, for the business card.
   */
  async bind(
    keys: KeyPair,
    endpoints: readonly string[],
    settings: SocketSettings,
  ): Promise<readonly string[]> {
    // Not before it is needed: an instance of size 1 never loads ZeroMQ.
    const { PeerSockets } = await import("./socket.ts");
    this.#sockets = new PeerSockets(keys, settings);
    if (endpoints.length === 0) return [];
    const bound = await this.#sockets.bind(endpoints);
    this.#downstream.attach(bound.socket);
    bound.socket.onDisconnect = () => this.#probeSoon();
    return bound.endpoints;
  }

  /** Let children with this public key connect. */
  authorize(publicKey: string): void {
    this.#sockets?.authorize(publicKey);
  }

  /** Connect to the parent and say hello. Does not wait for the answer: see `broker.parentFailed`. */
  connect(endpoint: string, parentKey: string): void {
    const { rank, uuid, version, hostname } = this.#options;
    if (!this.#sockets || !this.#upstream) throw new FluxError("EINVAL", "there is no parent");
    const socket = this.#sockets.connect(endpoint, parentKey, uuid);
    this.#upstream.attach(socket, {
      rank,
      version: versionNumber(version),
      uuid,
      status: this.status,
      hostname,
    });
  }

  /** Begin to listen to the peers, and to look after them. Nothing is received before. */
  start(): void {
    this.#sockets?.receive();
    this.#lastCheck = this.now();
    this.#armCheck();
  }

  sendRequestUp(message: Message): void {
    if (!this.#upstream) throw new FluxError("EHOSTUNREACH");
    this.#upstream.sendRequest(message);
  }

  sendRequestTo(nodeid: number, message: Message): void {
    if (!this.#downstream.sendRequest(nodeid, message)) this.sendRequestUp(message);
  }

  /** Send a response whose topmost route is a peer's; dropped if there is no such peer. */
  sendResponse(message: Message): void {
    const top = message.routes?.at(-1);
    if (top !== undefined && top === this.#upstream?.uuid) this.#upstream.sendResponse(message);
    else this.#downstream.sendResponse(message);
  }

  sendEventUp(message: Message): void {
    this.#upstream?.sendEvent(message);
  }

  /** Send a published event to all online children. Every event of the instance passes here. */
  multicastEvent(message: Message): void {
    this.#downstream.multicast(message);
    if (message.topic === "heartbeat.pulse" && this.now() - this.#lastCheck >= minCheckSeconds) {
      this.#check();
    }
  }

  /** Take no new children from now on: the broker has begun to go down. */
  refuseChildren(): void {
    this.#downstream.isClosing = true;
  }

  /** Leave the parent in good order. Resolves when it knows, or is not there any more. */
  goodbye(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#upstream) this.#upstream.goodbye(resolve);
      else resolve();
    });
  }

  close(): void {
    this.#upstream?.sendStatus(SubtreeStatus.Offline);
    this.#sockets?.close();
    clearTimeout(this.#checkTimer);
    for (const timer of this.#probeTimers) clearTimeout(timer);
  }

  subtree(rank: number): Subtree {
    if (rank !== this.rank && !this.#downstream.children.byRank(rank)) {
      throw new FluxError("ENOENT", "requested rank is not this broker or its direct child");
    }
    return this.#options.topology.subtree(rank);
  }

  disconnectSubtree(rank: number): void {
    this.#downstream.disconnect(rank);
  }

  disconnectParent(reason: string): void {
    this.#upstream?.disconnect(reason);
  }

  stats(): ResponseOf<typeof overlay.statsGet> {
    const { children } = this.#downstream;
    return {
      "child-count": children.size,
      "child-connected": children.onlineCount,
      "parent-count": this.#upstream ? 1 : 0,
      "parent-rpc": this.#upstream?.tracker.size ?? 0,
      "child-rpc": children.trackedCount,
      interthread: { sendq: 0, recvq: 0 },
    };
  }

  /** Take over the limits of silence from a changed configuration, and return them. Throws EINVAL. */
  configure(config: JsonObject): LivenessSettings {
    this.#liveness = changedLiveness(config, this.#liveness);
    return this.#liveness;
  }

  #onChildChange(child: Child): void {
    const status = this.#combinedStatus();
    if (status !== this.status) {
      this.status = status;
      this.statusSince = this.now();
      this.#upstream?.sendStatus(status);
    }
    this.#service.childChanged(child);
    this.#broker.childrenChanged(this.onlineCount);
  }

  #combinedStatus(): SubtreeStatus {
    return combinedStatus([...this.children].map(({ status }) => status));
  }

  #armCheck(): void {
    clearTimeout(this.#checkTimer);
    this.#checkTimer = setTimeout(() => this.#check(), maxCheckSeconds * 1000);
    this.#checkTimer.unref();
  }

  #check(): void {
    this.#lastCheck = this.now();
    this.#armCheck();
    this.#upstream?.checkLiveness(this.#liveness);
    this.#downstream.checkLiveness(this.#liveness);
  }

  #probeSoon(): void {
    for (const timer of this.#probeTimers) clearTimeout(timer);
    this.#probeTimers = probeDelaysMs.map((delayMs) =>
      setTimeout(() => this.#downstream.probe(), delayMs).unref(),
    );
  }
}
