import { DisconnectNotes } from "@flux-ts/client/disconnect-notes";
import type { Message } from "@flux-ts/protocol/message/message";

/** Where the broker sends what is for one module, and what it knows of that module's traffic. */
export class Port {
  readonly name: string;
  readonly uuid: string;
  readonly #send: (message: Message) => void;
  /** Subscribed topic prefixes and how often each was asked for. */
  readonly #subscriptions = new Map<string, number>();
  /** Services to tell when it is gone. */
  readonly disconnects = new DisconnectNotes();
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
}
