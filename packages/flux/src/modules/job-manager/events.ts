import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import { JobState, stateName, VirtualState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { JournalEntry } from "@flux-ts/protocol/services/job-manager";
import { act } from "./action.ts";
import { Batch } from "./batch.ts";
import type { Asker } from "./effect.ts";
import type { Job } from "./job.ts";
import type { Manager } from "./manager.ts";
import { applyEvent } from "./transition.ts";

export interface PostOptions {
  /** Only for journal listeners: not in the eventlog. */
  isVolatile?: boolean;
  /** Seconds; now by default. */
  timestamp?: number;
}

/**
 * Posts events to jobs: each is applied to the job, told to journal listeners and plugins, put into the
 * next commit, and followed by the action of the state the job is in then.
 *
 * Any of this may post further events. Those of the same job wait until this one is through, so that
 * every part sees events in the order of the eventlog.
 */
export class Events {
  readonly #manager: Manager;
  #batch = new Batch();
  #lastTimestamp = 0;

  constructor(manager: Manager) {
    this.#manager = manager;
  }

  /** Throws EROFS if the job takes no more events, EPROTO or EINVAL for a malformed context. */
  post(job: Job, name: string, context?: JsonObject, options: PostOptions = {}): void {
    const timestamp = this.#timestamp(options.timestamp);
    const entry = context ? { timestamp, name, context } : { timestamp, name };
    this.#enqueue(job, entry, options.isVolatile ?? false);
  }

  /** What happens within one input has an order, too. */
  #timestamp(given?: number): number {
    const next = Math.round((this.#lastTimestamp + 1e-6) * 1e6) / 1e6;
    const timestamp = given ?? Math.max(this.#manager.now, next);
    this.#lastTimestamp = Math.max(this.#lastTimestamp, timestamp);
    return timestamp;
  }

  /** Keep the job from resources until the events so far are on stable storage. */
  hold(job: Job): void {
    job.isHeld = true;
    this.#batch.held.push(job);
  }

  /** The job was refused: it leaves nothing in the KVS. */
  forget(job: Job): void {
    this.#batch.lines.delete(job.id);
  }

  /** Answer when the events so far are in the KVS. */
  answerWhenCommitted(to: Asker, response?: JsonObject): void {
    this.#batch.answers.push({ to, response });
  }

  get hasBatch(): boolean {
    return !this.#batch.isEmpty;
  }

  /** Events since the last one. The driver commits it, then calls `onCommitted`. */
  takeBatch(): Batch {
    const batch = this.#batch;
    this.#batch = new Batch();
    return batch;
  }

  get batched(): number {
    return this.#batch.events;
  }

  onCommitted(batch: Batch): void {
    const { jobs, effects } = this.#manager;
    for (const { to, response } of batch.answers) effects.push({ do: "answer", to, response });
    for (const job of batch.held) {
      job.isHeld = false;
      if (jobs.active.get(job.id) === job) act(this.#manager, job);
    }
  }

  #enqueue(job: Job, entry: EventlogEntry, isVolatile: boolean): void {
    if (job.isReadonly) throw new FluxError("EROFS");
    job.posted.push({ entry, isVolatile });
    // More than one: an event of this job is being applied further up the call stack.
    if (job.posted.length > 1) return;
    try {
      while (job.posted.length > 0 && !job.isReadonly) {
        const [{ entry: next, isVolatile: volatile }] = job.posted as [(typeof job.posted)[number]];
        this.#apply(job, next, volatile);
        job.posted.shift();
      }
    } finally {
      job.posted.length = 0;
    }
  }

  #apply(job: Job, entry: EventlogEntry, isVolatile: boolean): void {
    const { effects, jobs, jobtap, start } = this.#manager;
    const { name } = entry;
    const oldState = job.state;
    if (oldState === JobState.NEW && name === "exception" && entry.context?.severity === 0) {
      throw new FluxError("EINVAL", "a job cannot have a fatal exception before it is validated");
    }
    applyEvent(job, entry);
    if (!isVolatile) {
      job.eventlog.push(entry);
      this.#batch.add(job.id, entry);
    }
    effects.push({ do: "journal", message: journalEntry(job, entry) });
    const wasRunning = (oldState & VirtualState.RUNNING) !== 0;
    if (job.isIn(VirtualState.RUNNING) !== wasRunning) jobs.running += wasRunning ? -1 : 1;

    jobtap.onEvent(job, entry);
    if (name === "jobspec-update") jobtap.call("job.update", job, { updates: entry.context ?? {} });
    if (job.state !== oldState) {
      const topic = `job.state.${stateName(job.state).toLowerCase()}`;
      jobtap.call(topic, job, { entry, prevState: oldState });
    }
    if (name === "resource-update") start.sendExpiration(job, entry.context ?? {});
    act(this.#manager, job);
  }
}

function journalEntry(job: Job, entry: EventlogEntry): JournalEntry {
  const message: JournalEntry = { id: job.id, events: [entry as unknown as JsonObject] };
  if (entry.name === "submit") message.jobspec = job.jobspec;
  else if (entry.name === "alloc" && job.R) message.R = job.R;
  return message;
}
