import type { Request } from "@flux-ts/client/request";
import type { ClientOf } from "@flux-ts/client/request-set";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { isOwnerOr } from "@flux-ts/protocol/message/credential";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { RequestOf } from "@flux-ts/protocol/rpc/method";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import type { JournalEntry, jobManager } from "@flux-ts/protocol/services/job-manager";
import type { Job } from "./job.ts";

/** Entries that a listener may be behind while it is told the past; then it is dropped. */
const maxHeld = 1_000_000;

interface Filter {
  readonly allow: JsonObject | undefined;
  readonly deny: JsonObject | undefined;
}

/** One consumer of the journal. */
class JournalListener {
  readonly request: Request<JournalEntry>;
  readonly #filter: Filter;
  /** What happened while the past is still being told. */
  #held: JournalEntry[] | undefined = [];

  constructor(request: Request<JournalEntry>, filter: Filter) {
    this.request = request;
    this.#filter = filter;
  }

  /** Tell of one job's past. */
  tellPast(entry: JournalEntry): void {
    this.request.respond({ ...entry, events: this.#select(entry.events) });
  }

  /** The past is told: a mark, then what came in the meantime. */
  goLive(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.request.respond({ id: -1n as JobId, events: [] });
    for (const entry of held) this.tell(entry);
  }

  /** Tell of something that just happened. */
  tell(entry: JournalEntry): void {
    if (this.#held) {
      if (this.#held.push(entry) > maxHeld) this.request.fail(new FluxError("EOVERFLOW"));
      return;
    }
    const events = this.#select(entry.events);
    if (events.length > 0)
      this.request.respond(events === entry.events ? entry : { ...entry, events });
  }

  #select(events: JsonObject[]): JsonObject[] {
    const { allow, deny } = this.#filter;
    if (!allow && !deny) return events;
    return events.filter(({ name }) => {
      const key = String(name);
      return (!allow || allow[key] !== undefined) && (!deny || deny[key] === undefined);
    });
  }
}

/** Tells consumers of every event of every job. */
export class Journal {
  readonly #listeners = new Set<JournalListener>();
  /** Entries that go out with the next flush. */
  #pending: JournalEntry[] = [];
  #events = 0;

  /** A new consumer: EPROTO. The caller tells it the past, then lets it go live. */
  open(
    request: Request<JournalEntry>,
    { allow, deny }: RequestOf<(typeof jobManager)["eventsJournal"]>,
  ): JournalListener {
    if (!request.isStreaming) {
      throw new FluxError("EPROTO", "job-manager.events requires streaming RPC flag");
    }
    const filter = { allow: checked(allow, "allow"), deny: checked(deny, "deny") };
    const listener = new JournalListener(request, filter);
    this.#listeners.add(listener);
    return listener;
  }

  /** Events that follow each other in one job travel together. */
  append(entry: JournalEntry): void {
    this.#events++;
    if (this.#listeners.size === 0) return;
    const last = this.#pending.at(-1);
    if (last?.id !== entry.id) {
      this.#pending.push(entry);
      return;
    }
    const { jobspec = last.jobspec, R = last.R } = entry;
    this.#pending[this.#pending.length - 1] = {
      id: entry.id,
      events: [...last.events, ...entry.events],
      ...(jobspec && { jobspec }),
      ...(R && { R }),
    };
  }

  flush(): void {
    if (this.#pending.length === 0) return;
    const entries = this.#pending;
    this.#pending = [];
    for (const listener of this.#listeners) {
      for (const entry of entries) listener.tell(entry);
      if (listener.request.ended) this.#listeners.delete(listener);
    }
  }

  cancel(client: ClientOf, matchtag: number): void {
    for (const listener of this.#of(client)) {
      if (listener.request.matchtag !== matchtag) continue;
      listener.request.end();
      this.#listeners.delete(listener);
    }
  }

  disconnect(client: ClientOf): void {
    for (const listener of this.#of(client)) this.#listeners.delete(listener);
  }

  *#of(client: ClientOf): IterableIterator<JournalListener> {
    for (const listener of this.#listeners) {
      const { sender, userid } = listener.request;
      if (sender === client.sender && isOwnerOr(client, userid)) yield listener;
    }
  }

  end(): void {
    for (const { request } of this.#listeners) request.end();
    this.#listeners.clear();
  }

  stats(): JsonObject {
    return { listeners: this.#listeners.size, events: this.#events };
  }
}

/** All there is to tell of an active job. */
export function pastOf({ id, eventlog, jobspec, R }: Job): JournalEntry {
  const events = eventlog.map((entry) => entry as unknown as JsonObject);
  return { id, events, jobspec, ...(R && { R }) };
}

function checked(filter: Json | undefined, name: string): JsonObject | undefined {
  if (filter === undefined || isJsonObject(filter)) return filter;
  throw new FluxError("EPROTO", `job-manager.events ${name} should be an object`);
}
