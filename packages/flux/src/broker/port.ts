import type { Message } from "@flux-ts/protocol/message/message";
import { MessageFlag } from "@flux-ts/protocol/message/message";

/** Where the broker sends what is for one module, and what it knows of that module's traffic. */
export class Port {
  readonly name: string;
  readonly uuid: string;
  readonly #send: (message: Message) => void;
  /** Subscribed topic prefixes and how often each was asked for. */
  readonly #subscriptions = new Map<string, number>();
  /** Services it has sent requests to, as disconnect topic and destination (RFC 6). */
  readonly #armed = new Map<string, Message>();
  /** When it last sent something, in seconds: `flux module list` shows idle time. */
  lastActive = 0;

  constructor(name: string, uuid: string, send: (message: Message) => void) {
    this.name = name;
    this.uuid = uuid;
    this.#send = send;
  }

  send(message: Message): void {
    this.#send(message);
  }

  subscribe(prefix: string): void {
    this.#subscriptions.set(prefix, (this.#subscriptions.get(prefix) ?? 0) + 1);
  }

  /** False if there was no such subscription. */
  unsubscribe(prefix: string): boolean {
    const count = this.#subscriptions.get(prefix);
    if (count === undefined) return false;
    if (count === 1) this.#subscriptions.delete(prefix);
    else this.#subscriptions.set(prefix, count - 1);
    return true;
  }

  isSubscribed(topic: string): boolean {
    for (const prefix of this.#subscriptions.keys()) if (topic.startsWith(prefix)) return true;
    return false;
  }

  /** Remember a request, so that its service hears of it when this module goes away. */
  armDisconnect(request: Message): void {
    if (request.has(MessageFlag.NoResponse)) return;
    const topic = disconnectTopic(request.topic ?? "");
    const key = `${topic} ${request.nodeid} ${request.flags & MessageFlag.Upstream}`;
    if (!this.#armed.has(key)) this.#armed.set(key, disconnectOf(request, topic));
  }

  /** The disconnect requests to send now that the module is gone. */
  takeDisconnects(): Message[] {
    const all = [...this.#armed.values()];
    this.#armed.clear();
    return all;
  }
}

/** RFC 6: the last word of the topic is replaced by `disconnect`. */
export function disconnectTopic(topic: string): string {
  const dot = topic.lastIndexOf(".");
  return dot < 0 ? "disconnect" : `${topic.slice(0, dot)}.disconnect`;
}

export function disconnectOf(request: Message, topic: string): Message {
  const disconnect = request.clone();
  disconnect.topic = topic;
  disconnect.payload = undefined;
  disconnect.flags = (request.flags & MessageFlag.Upstream) | MessageFlag.NoResponse;
  return disconnect;
}
