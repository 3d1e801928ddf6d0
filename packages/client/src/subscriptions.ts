import type { Message } from "@flux-ts/protocol/message/message";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { event } from "@flux-ts/protocol/services/event";
import type { Flux } from "./handle.ts";

/** `payload` is read only when asked for: many events are recognised by their topic alone. */
export type EventHandler = (topic: string, payload: () => JsonObject, message: Message) => void;

export interface Subscription {
  unsubscribe(): Promise<void>;
}

/** Event handlers of a handle, by topic prefix. The broker is told of each prefix once. */
export class Subscriptions {
  readonly #flux: Flux;
  readonly #handlers = new Map<string, Set<EventHandler>>();

  constructor(flux: Flux) {
    this.#flux = flux;
  }

  async add(prefix: string, handler: EventHandler): Promise<Subscription> {
    let handlers = this.#handlers.get(prefix);
    const isFirst = !handlers;
    if (!handlers) {
      handlers = new Set();
      this.#handlers.set(prefix, handlers);
    }
    // One set entry per subscription, even if the same function subscribes twice.
    const entry: EventHandler = (topic, payload, message) => handler(topic, payload, message);
    handlers.add(entry);
    if (isFirst) await this.#flux.call(event.subscribe, { topic: prefix });
    return { unsubscribe: () => this.#remove(prefix, entry) };
  }

  /** Subscribe to all prefixes again: the connection is a new one. */
  renew(): void {
    for (const topic of this.#handlers.keys()) {
      // If this fails, the connection is lost again, and there will be another try.
      this.#flux.call(event.subscribe, { topic }).catch(() => {});
    }
  }

  deliver(message: Message): void {
    const topic = message.topic ?? "";
    const payload = (): JsonObject => message.payload?.json ?? {};
    for (const [prefix, handlers] of this.#handlers) {
      if (!topic.startsWith(prefix)) continue;
      for (const handler of [...handlers]) handler(topic, payload, message);
    }
  }

  async #remove(prefix: string, entry: EventHandler): Promise<void> {
    const handlers = this.#handlers.get(prefix);
    if (!handlers?.delete(entry) || handlers.size > 0) return;
    this.#handlers.delete(prefix);
    if (!this.#flux.isClosed) await this.#flux.call(event.unsubscribe, { topic: prefix });
  }
}
