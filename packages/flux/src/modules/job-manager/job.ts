import { dottedValue } from "@flux-ts/protocol/job/dotted-path";
import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { JobState } from "@flux-ts/protocol/job/states";
import { Urgency } from "@flux-ts/protocol/job/urgency";
import type { JsonObject } from "@flux-ts/protocol/schema/json";

/** Priority of a job that has none yet. */
export const priorityUnset = -1;

/** An event that is posted and not applied yet. */
interface PostedEvent {
  readonly entry: EventlogEntry;
  /** Told to journal listeners and then forgotten: not part of the eventlog. */
  readonly isVolatile: boolean;
}

/** What the job manager knows of an active job. Members follow from its events (RFC 21). */
export class Job {
  readonly id: JobId;
  userid = 0xffffffff;
  urgency: number = Urgency.DEFAULT;
  /** -1 until assigned; 0 is held: never sent to the scheduler. */
  priority = priorityUnset;
  /** Seconds since the epoch. */
  tSubmit = 0;
  tClean = 0;
  flags = 0;
  state: JobState = JobState.NEW;
  #jobspec: JsonObject = {};
  /** The queue it asked for; undefined: the anonymous one. */
  queue: string | undefined;
  /** Without `scheduling`. */
  R: JsonObject | undefined;
  readonly eventlog: EventlogEntry[] = [];
  annotations: JsonObject | undefined;
  readonly dependencies = new Set<string>();
  /** Dependencies that were met: never to be added again (RFC 26). */
  readonly metDependencies = new Set<string>();
  /** The event that ended the job: finish, or the first fatal exception. */
  endEvent: EventlogEntry | undefined;

  hasResources = false;
  isStarted = false;
  /** The execution service has a start request that it still answers. */
  startPending = false;
  /** Waits in the queue of alloc requests; with allocPending, the scheduler has the request. */
  allocQueued = false;
  allocPending = false;
  /** Gets resources without the scheduler. */
  allocBypass = false;
  /** Only the instance owner may update it. */
  isImmutable = false;
  dependPosted = false;
  freePosted = false;
  /** Prologs and epilogs that run. */
  perilogActive = 0;
  /** No more events: it is inactive or was refused. */
  isReadonly = false;
  /** Its submission is not durable yet, so that no resources may be asked for. */
  isHeld = false;
  /** Events not applied yet; the first one is being applied. */
  readonly posted: PostedEvent[] = [];

  constructor(id: JobId, jobspec: JsonObject) {
    this.id = id;
    this.jobspec = jobspec;
  }

  /** Without environment. Never changed in place: updates make a new object. */
  get jobspec(): JsonObject {
    return this.#jobspec;
  }

  set jobspec(jobspec: JsonObject) {
    this.#jobspec = jobspec;
    const queue = dottedValue(jobspec, "attributes.system.queue");
    this.queue = typeof queue === "string" ? queue : undefined;
  }

  /** An event of this name is being applied or waits for it. */
  isPosted(name: string): boolean {
    for (const { entry } of this.posted) if (entry.name === name) return true;
    return false;
  }

  /** An event of this name is in the eventlog. */
  hasEvent(name: string): boolean {
    for (const entry of this.eventlog) if (entry.name === name) return true;
    return false;
  }

  isIn(states: number): boolean {
    return (this.state & states) !== 0;
  }
}
