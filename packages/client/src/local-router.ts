import { randomUUID } from "node:crypto";
import {
  type Credential,
  isOwner,
  Role,
  stamp,
  stampTrusted,
} from "@flux-ts/protocol/message/credential";
import { type Message, MessageFlag, MessageType } from "@flux-ts/protocol/message/message";
import { Errno } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { event } from "@flux-ts/protocol/services/event";
import { service } from "@flux-ts/protocol/services/service";
import { DisconnectNotes } from "./disconnect-notes.ts";
import type { Flux } from "./handle.ts";
import type { Transport } from "./transport.ts";

/** A client of a local router. */
export class LocalClient {
  readonly uuid = randomUUID();
  readonly transport: Transport;
  readonly credential: Credential;
  readonly subscriptions = new Map<string, number>();
  readonly services = new Set<string>();
  readonly disconnects = new DisconnectNotes();
  /** Messages taken from and given to the client. */
  received = 0;
  sent = 0;

  constructor(transport: Transport, credential: Credential) {
    this.transport = transport;
    this.credential = credential;
  }

  send(message: Message): void {
    this.sent++;
    this.transport.send(message);
  }

  isSubscribed(topic: string): boolean {
    for (const prefix of this.subscriptions.keys()) if (topic.startsWith(prefix)) return true;
    return false;
  }
}

/** Prefixes one client may subscribe to, and services it may register: bounds what a guest can hold. */
const maxPerClient = 10_000;

/**
 * Shares one connection to a broker among many clients (wire-broker §1.7): stamps who sent a message,
 * keeps routes, subscriptions and services apart, and tells services when a client is gone. Used by
 * connector-local, `flux relay`, `flux proxy` and `flux start`.
 */
export class LocalRouter {
  readonly #flux: Flux;
  readonly #clients = new Map<string, LocalClient>();
  readonly #services = new Map<string, LocalClient>();
  readonly #prefixes = new Map<string, number>();

  constructor(flux: Flux) {
    this.#flux = flux;
    flux.intercept = (message) => this.#fromBroker(message);
  }

  get clients(): Iterable<LocalClient> {
    return this.#clients.values();
  }

  /** Serve a client until its transport closes. */
  add(transport: Transport, credential: Credential): LocalClient {
    const client = new LocalClient(transport, credential);
    this.#clients.set(client.uuid, client);
    transport.onMessage = (message) => this.#fromClient(client, message);
    transport.onClose = () => this.#remove(client);
    return client;
  }

  #fromClient(client: LocalClient, message: Message): void {
    client.received++;
    if (isOwner(client.credential)) stampTrusted(message, client.credential);
    else stamp(message, client.credential);
    switch (message.type) {
      case MessageType.Request:
        this.#request(client, message);
        return;
      case MessageType.Response:
      case MessageType.Event:
        this.#flux.sendMessage(message);
        return;
      case MessageType.Control:
        return;
    }
  }

  #request(client: LocalClient, message: Message): void {
    switch (message.topic) {
      case event.subscribe.topic:
        this.#answer(client, message, (topic) => this.#subscribe(client, topic), "topic");
        return;
      case event.unsubscribe.topic:
        this.#answer(client, message, (topic) => this.#unsubscribe(client, topic), "topic");
        return;
      case service.add.topic:
        this.#answer(client, message, (name) => this.#addService(client, name, message), "service");
        return;
      case service.remove.topic:
        this.#answer(client, message, (name) => this.#removeService(client, name), "service");
        return;
      default:
        message.pushRoute(client.uuid);
        client.disconnects.arm(message);
        this.#flux.sendMessage(message);
    }
  }

  /** Serve one of the requests that this router answers itself; it never sends an error string. */
  #answer(
    client: LocalClient,
    request: Message,
    serve: (argument: string) => Promise<void>,
    key: string,
  ): void {
    const respond = (errnum: number): void => {
      if (request.has(MessageFlag.NoResponse)) return;
      const response = request.response(errnum);
      response.rolemask = Role.Owner;
      client.send(response);
    };
    const run = async (): Promise<void> => {
      const argument = request.payload?.json[key];
      if (typeof argument !== "string") throw new FluxError("EPROTO");
      await serve(argument);
    };
    run().then(
      () => respond(0),
      (error: unknown) => respond(error instanceof FluxError ? error.errnum : Errno.EPROTO),
    );
  }

  async #subscribe(client: LocalClient, prefix: string): Promise<void> {
    if (client.subscriptions.size >= maxPerClient) throw new FluxError("ENOMEM");
    const own = client.subscriptions.get(prefix) ?? 0;
    client.subscriptions.set(prefix, own + 1);
    if (own > 0) return;
    const count = this.#prefixes.get(prefix) ?? 0;
    this.#prefixes.set(prefix, count + 1);
    if (count === 0) await this.#flux.call(event.subscribe, { topic: prefix });
  }

  async #unsubscribe(client: LocalClient, prefix: string): Promise<void> {
    const own = client.subscriptions.get(prefix);
    if (own === undefined) throw new FluxError("ENOENT");
    if (own > 1) {
      client.subscriptions.set(prefix, own - 1);
      return;
    }
    client.subscriptions.delete(prefix);
    await this.#dropPrefix(prefix);
  }

  async #dropPrefix(prefix: string): Promise<void> {
    const count = this.#prefixes.get(prefix) ?? 0;
    if (count > 1) {
      this.#prefixes.set(prefix, count - 1);
      return;
    }
    this.#prefixes.delete(prefix);
    if (!this.#flux.isClosed) await this.#flux.call(event.unsubscribe, { topic: prefix });
  }

  async #addService(client: LocalClient, name: string, request: Message): Promise<void> {
    if (this.#services.has(name)) throw new FluxError("EEXIST");
    if (client.services.size >= maxPerClient) throw new FluxError("ENOMEM");
    const { userid, rolemask } = request;
    const credential = { userid, rolemask };
    await this.#flux.call(service.add, { service: name }, { credential });
    this.#services.set(name, client);
    client.services.add(name);
    if (!this.#clients.has(client.uuid)) await this.#removeService(client, name);
  }

  async #removeService(client: LocalClient, name: string): Promise<void> {
    if (this.#services.get(name) !== client) throw new FluxError("ENOENT");
    this.#services.delete(name);
    client.services.delete(name);
    if (!this.#flux.isClosed) await this.#flux.call(service.remove, { service: name });
  }

  /** A message from the broker. False for what is this router's own. */
  #fromBroker(message: Message): boolean {
    switch (message.type) {
      case MessageType.Response: {
        if (!message.routes?.length) return false;
        const client = this.#clients.get(message.popRoute()!);
        client?.send(message);
        return true;
      }
      case MessageType.Request:
        return this.#toService(message);
      case MessageType.Event:
        this.#multicast(message);
        return false;
      case MessageType.Control:
        return true;
    }
  }

  #toService(message: Message): boolean {
    const topic = message.topic ?? "";
    const dot = topic.indexOf(".");
    if (dot < 0) return false;
    const client = this.#services.get(topic.slice(0, dot));
    client?.send(message);
    return client !== undefined;
  }

  #multicast(message: Message): void {
    const topic = message.topic ?? "";
    const isPrivate = message.has(MessageFlag.Private);
    for (const client of this.#clients.values()) {
      if (!client.isSubscribed(topic)) continue;
      if (isPrivate && !isOwner(client.credential) && client.credential.userid !== message.userid) {
        continue;
      }
      client.send(message.clone());
    }
  }

  #remove(client: LocalClient): void {
    if (!this.#clients.delete(client.uuid) || this.#flux.isClosed) return;
    for (const message of client.disconnects.take()) this.#flux.sendMessage(message);
    for (const name of [...client.services]) void this.#removeService(client, name).catch(() => {});
    for (const prefix of client.subscriptions.keys()) void this.#dropPrefix(prefix).catch(() => {});
  }
}
