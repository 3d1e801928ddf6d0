import type { Flux } from "@flux-ts/client/handle";
import { later, type Request } from "@flux-ts/client/request";
import { RequestSet } from "@flux-ts/client/request-set";
import { type EventlogEntry, encodeEntry } from "@flux-ts/protocol/job/eventlog";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { resource } from "@flux-ts/protocol/services/resource";
import type { Durability, Store } from "../store/store.ts";
import { DeliveryOrder } from "./delivery.ts";
import { carriesR, type Journal, type JournalBatch } from "./journal.ts";

/** KVS key of the events that outlive a restart. */
export const eventlogKey = "resource.eventlog";

export interface PostOptions {
  /** Seconds since the epoch; default: now. */
  timestamp?: number;
  /** Whether the event goes into the KVS, and how well. Default: it is only in the journal. */
  keep?: Durability;
}

type JournalResponse = { events: JsonObject[]; R?: JsonObject | undefined };

/**
 * The resource events (RFC 44): posted by the parts of the module, committed to the KVS where they
 * must outlive it, then told in order to the other parts and to the clients of the journal.
 */
export class ResourceLog {
  readonly #store: Store;
  readonly #journal: Journal;
  readonly #resources: () => JsonObject | undefined;
  readonly #onError: (text: string) => void;
  readonly #order = new DeliveryOrder<EventlogEntry>();
  readonly #listeners: ((event: EventlogEntry) => void)[] = [];
  readonly #clients = new RequestSet<JournalResponse>();

  /** `resources`: R as it is now, for resource-define events. */
  constructor(
    store: Store,
    journal: Journal,
    resources: () => JsonObject | undefined,
    onError: (text: string) => void,
  ) {
    this.#store = store;
    this.#journal = journal;
    this.#resources = resources;
    this.#onError = onError;
  }

  /** Call `listener` with each event once it is in force. */
  listen(listener: (event: EventlogEntry) => void): void {
    this.#listeners.push(listener);
  }

  /** Post an event. Resolves when it is in force; rejects if the KVS refuses it. */
  async post(name: string, context: JsonObject, options: PostOptions = {}): Promise<void> {
    const event = { timestamp: options.timestamp ?? Date.now() / 1000, name, context };
    const posted = this.#order.post(event);
    if (options.keep) {
      try {
        await this.#store.append(eventlogKey, encodeEntry(event), options.keep);
      } catch (error) {
        this.#onError(`committing to ${eventlogKey}: ${error}`);
        this.#deliver(posted.settle(true));
        throw error;
      }
    }
    this.#deliver(posted.settle());
  }

  setJournalMax(max: number): void {
    this.#journal.setMax(max);
  }

  serve(flux: Flux): void {
    flux.serve(resource.journal, (_, request: Request<JournalResponse>) => {
      for (const batch of this.#journal.backlog()) request.respond(this.#response(batch));
      this.#clients.add(request);
      return later;
    });
    flux.serve(resource.journalCancel, ({ matchtag }, request) =>
      this.#clients.cancel(request, matchtag),
    );
  }

  disconnect(client: Request<unknown>): void {
    this.#clients.disconnect(client);
  }

  /** The module ends: the journal's clients are told so. */
  stop(): void {
    this.#clients.endAll();
  }

  #deliver(events: readonly EventlogEntry[]): void {
    for (const event of events) {
      this.#journal.add(event);
      for (const listener of this.#listeners) listener(event);
      if (this.#clients.size === 0) continue;
      const batch = { events: [event], withR: carriesR(event) };
      this.#clients.respondAll(this.#response(batch));
    }
  }

  #response({ events, withR }: JournalBatch): JournalResponse {
    const json = events.map((event): JsonObject => ({ ...event }));
    return withR ? { events: json, R: this.#resources() } : { events: json };
  }
}
