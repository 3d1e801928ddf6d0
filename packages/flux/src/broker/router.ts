import type { Transport } from "@flux-ts/client/transport";
import { type Credential, Role, stampTrusted } from "@flux-ts/protocol/message/credential";
import { Message, MessageFlag, MessageType, nodeidAny } from "@flux-ts/protocol/message/message";
import { Payload } from "@flux-ts/protocol/message/payload";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Port } from "./port.ts";
import { ServiceTable, serviceName } from "./service-table.ts";
import { noUplink, type Uplink } from "./uplink.ts";

export interface RouterOptions {
  rank: number;
  size: number;
  uuid: string;
  /** Userid of the instance owner. */
  owner: number;
}

/** May be asked before the broker has reached INIT: what starting brokers and their watchers need. */
const earlyTopics = new Set(["state-machine.wait", "state-machine.get", "attr.get", "log.dmesg"]);

/**
 * Moves messages between modules, the broker's own services and the overlay (RFC 3, RFC 5; rules of
 * wire-broker §1.4). It looks at headers, topics and route stacks, never into payloads.
 */
export class Router {
  readonly rank: number;
  readonly uuid: string;
  readonly services = new ServiceTable();
  /** The overlay; replaced once the broker has joined one. */
  uplink: Uplink = noUplink;
  /** Requests from clients are served: the broker has reached INIT. */
  isOpen = false;
  /** Told of events lost or repeated on the way, and of responses that no one can be given. */
  onOddity: (text: string) => void = () => {};
  /** Sees every message between the broker and a module; for `flux module trace`. */
  trace: ((direction: "rx" | "tx", port: Port, message: Message) => void) | undefined;
  readonly #ports = new Map<string, Port>();
  readonly #owner: Credential;
  readonly #size: number;
  /** The broker's own handle: sends and receives without a route of its own. */
  #self: Transport | undefined;
  readonly #selfServices = new Set<string>();
  readonly #selfSubscriptions: string[] = [];
  #sequence = 0;

  constructor(options: RouterOptions) {
    this.rank = options.rank;
    this.uuid = options.uuid;
    this.#size = options.size;
    this.#owner = { userid: options.owner, rolemask: Role.Owner | Role.Local };
  }

  /** Connect the broker's own handle, which serves the services named. */
  attachSelf(self: Transport, services: Iterable<string>): void {
    this.#self = self;
    for (const name of services) this.#selfServices.add(name);
    self.onMessage = (message) => this.#receiveFromSelf(message);
  }

  /** Deliver events with this prefix to the broker's own handle. */
  subscribeSelf(prefix: string): void {
    this.#selfSubscriptions.push(prefix);
  }

  addPort(port: Port): void {
    this.#ports.set(port.uuid, port);
  }

  /** Forget a module, and tell the services it used that it is gone. */
  removePort(port: Port): void {
    if (!this.#ports.delete(port.uuid)) return;
    this.services.removeAll(port);
    for (const disconnect of port.disconnects.take()) this.#request(disconnect);
  }

  /** Ask a module to end (RFC 5): it is the broker that sends this, without a way back. */
  sendShutdown(port: Port): void {
    const message = new Message({
      type: MessageType.Request,
      flags: MessageFlag.NoResponse,
      topic: `${port.name}.shutdown`,
      routes: [this.uuid],
      aux1: nodeidAny,
    });
    stampTrusted(message, this.#owner);
    port.send(message);
  }

  portOf(uuid: string): Port | undefined {
    return this.#ports.get(uuid);
  }

  get ports(): Iterable<Port> {
    return this.#ports.values();
  }

  /** A module sent a message. */
  receiveFromModule(port: Port, message: Message): void {
    stampTrusted(message, this.#owner);
    this.trace?.("rx", port, message);
    switch (message.type) {
      case MessageType.Request:
        message.pushRoute(port.uuid);
        port.disconnects.arm(message);
        this.#request(message);
        return;
      case MessageType.Response:
        // The topmost route is ours: we pushed it when we gave the module the request.
        message.popRoute();
        this.respond(message);
        return;
      case MessageType.Event:
        this.publish(message);
        return;
      case MessageType.Control:
        return;
    }
  }

  /** A peer sent a request or a response; routes are as for a local message. */
  receiveFromPeer(message: Message): void {
    if (message.type === MessageType.Request) this.#request(message);
    else if (message.type === MessageType.Response) this.respond(message);
    else if (message.type === MessageType.Event) this.publish(message);
  }

  /** A published event came down from the parent. */
  receiveEvent(event: Message): void {
    if (event.sequence <= this.#sequence) {
      this.onOddity(`duplicate event ${event.sequence}`);
    } else {
      if (this.#sequence > 0 && event.sequence !== this.#sequence + 1) {
        this.onOddity(`lost events ${this.#sequence + 1}-${event.sequence - 1}`);
      }
      this.#sequence = event.sequence;
    }
    this.#distribute(event);
  }

  /** An event that has no sequence number yet: rank 0 gives it one. Returns it there, else 0. */
  publish(event: Message): number {
    if (this.rank > 0) {
      this.uplink.sendEventUp(event);
      return 0;
    }
    event.aux1 = ++this.#sequence;
    this.#distribute(event);
    return event.aux1;
  }

  /** Send a response on its way back. */
  respond(message: Message): void {
    // One made here has no sender yet, and flux-core's clients drop those.
    stampTrusted(message, this.#owner);
    const { routes } = message;
    const top = routes?.at(-1);
    if (top === undefined) {
      this.#self?.send(message);
      return;
    }
    const port = this.#ports.get(top);
    if (!port) {
      this.uplink.sendResponse(message);
      return;
    }
    message.popRoute();
    this.trace?.("tx", port, message);
    port.send(message);
  }

  #receiveFromSelf(message: Message): void {
    stampTrusted(message, this.#owner);
    if (message.type === MessageType.Request) this.#request(message);
    else if (message.type === MessageType.Response) this.respond(message);
    else if (message.type === MessageType.Event) this.publish(message);
  }

  #request(message: Message): void {
    try {
      this.#checkOpen(message);
      this.#routeRequest(message);
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
      this.#refuse(message, error);
    }
  }

  #checkOpen(message: Message): void {
    if (this.isOpen || (message.routes?.length ?? 0) < 2) return;
    if (earlyTopics.has(message.topic ?? "")) return;
    throw new FluxError("EAGAIN", "Upstream Flux broker is offline. Try again later.");
  }

  #routeRequest(message: Message): void {
    const { nodeid } = message;
    const isUpstream = message.has(MessageFlag.Upstream);
    if (isUpstream && nodeid === this.rank) {
      this.uplink.sendRequestUp(message);
    } else if (isUpstream || nodeid === nodeidAny) {
      if (!this.#deliver(message)) {
        if (this.rank === 0) throw unmatched(message);
        this.uplink.sendRequestUp(message);
      }
    } else if (nodeid === this.rank) {
      if (!this.#deliver(message)) throw unmatched(message);
    } else if (nodeid >= this.#size) {
      throw new FluxError("EHOSTUNREACH");
    } else {
      this.uplink.sendRequestTo(nodeid, message);
    }
  }

  /** Give a request to the service on this broker. False if there is none. */
  #deliver(message: Message): boolean {
    const topic = message.topic ?? "";
    const port = this.services.of(topic);
    if (port) {
      message.pushRoute(this.uuid);
      this.trace?.("tx", port, message);
      port.send(message);
      return true;
    }
    if (!this.#self || !this.#selfServices.has(serviceName(topic))) return false;
    this.#self.send(message);
    return true;
  }

  #distribute(event: Message): void {
    this.uplink.multicastEvent(event);
    const topic = event.topic ?? "";
    for (const port of this.#ports.values()) {
      if (!port.isSubscribed(topic)) continue;
      const copy = event.clone();
      copy.pushRoute(this.uuid);
      this.trace?.("tx", port, copy);
      port.send(copy);
    }
    if (this.#self && this.#selfSubscriptions.some((prefix) => topic.startsWith(prefix))) {
      this.#self.send(event.clone());
    }
  }

  #refuse(message: Message, error: FluxError): void {
    if (message.has(MessageFlag.NoResponse)) return;
    const payload = error.hasText ? Payload.text(error.message) : undefined;
    this.respond(message.response(error.errnum, payload));
  }
}

/** ENOSYS, in the words of flux-core, which cuts the text at 63 characters. */
function unmatched(message: Message): FluxError {
  const text = `No service matching ${message.topic ?? ""} is registered`;
  return new FluxError("ENOSYS", text.slice(0, 63));
}
