import { type EventlogEntry, encodeEntry } from "@flux-ts/protocol/job/eventlog";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { Asker } from "./effect.ts";
import type { Job } from "./job.ts";

interface BatchAnswer {
  readonly to: Asker;
  readonly response: JsonObject | undefined;
}

/** Events of many jobs that go into the KVS with one commit, and what happens when they are there. */
export class Batch {
  /** Eventlog lines to append, by job. */
  readonly lines = new Map<JobId, string>();
  /** Jobs whose submission this batch makes durable. */
  readonly held: Job[] = [];
  readonly answers: BatchAnswer[] = [];
  events = 0;

  add(id: JobId, entry: EventlogEntry): void {
    this.lines.set(id, (this.lines.get(id) ?? "") + encodeEntry(entry));
    this.events++;
  }

  get isEmpty(): boolean {
    return this.lines.size === 0 && this.answers.length === 0;
  }

  /** The commit must be on stable storage before it counts: somebody was promised these jobs. */
  get isSync(): boolean {
    return this.held.length > 0;
  }
}
