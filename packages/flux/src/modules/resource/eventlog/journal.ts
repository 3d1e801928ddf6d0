import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";

/** Events in one response of a backlog. */
const batchSize = 100;
/** Dropped events that may lie at the front of the list before it is moved up. */
const maxGap = 1024;

/** One response of the journal: `withR` when it must carry the resource set (RFC 44). */
export interface JournalBatch {
  readonly events: readonly EventlogEntry[];
  readonly withR: boolean;
}

/** The events a journal client gets on joining, oldest first, at most `max` of them (RFC 44). */
export class Journal {
  #events: EventlogEntry[];
  /** Index of the oldest event that is still kept. */
  #start = 0;
  #max: number;

  /** `events`: of earlier runs. Their resource-define events say nothing about this one. */
  constructor(events: readonly EventlogEntry[], max: number) {
    this.#events = events.filter((event) => !carriesR(event));
    this.#max = max;
    this.#truncate();
  }

  get events(): readonly EventlogEntry[] {
    return this.#events.slice(this.#start);
  }

  setMax(max: number): void {
    this.#max = max;
    this.#truncate();
  }

  add(event: EventlogEntry): void {
    this.#events.push(event);
    this.#truncate();
  }

  /** Responses that tell a new client what happened so far; the sentinel is the last. */
  backlog(): JournalBatch[] {
    const batches: JournalBatch[] = [];
    let events: EventlogEntry[] = [];
    const flush = (): void => {
      if (events.length > 0) batches.push({ events, withR: false });
      events = [];
    };
    for (const event of this.events) {
      if (carriesR(event)) {
        flush();
        batches.push({ events: [event], withR: true });
        continue;
      }
      events.push(event);
      if (events.length === batchSize) flush();
    }
    flush();
    batches.push({ events: [], withR: false });
    return batches;
  }

  /** RFC 44 truncate: what was dropped is replaced by an event with the time of its last one. */
  #truncate(): void {
    const excess = this.#events.length - this.#start - this.#max;
    if (excess <= 0) return;
    const last = this.#start + excess;
    const timestamp = this.#events[last]?.timestamp ?? 0;
    this.#events[last] = { timestamp, name: "truncate" };
    this.#start = last;
    if (this.#start < maxGap) return;
    this.#events = this.#events.slice(this.#start);
    this.#start = 0;
  }
}

/** Events that travel with the resource set. */
export function carriesR({ name }: EventlogEntry): boolean {
  return name === "resource-define";
}
