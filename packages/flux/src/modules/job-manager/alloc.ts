import { JobState } from "@flux-ts/protocol/job/states";
import { Priority } from "@flux-ts/protocol/job/urgency";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { RequestOf, ResponseOf } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { JobFlag } from "@flux-ts/protocol/services/job-ingest";
import type { jobManager } from "@flux-ts/protocol/services/job-manager";
import { AllocType, sched } from "@flux-ts/protocol/services/sched";
import { clearAnnotations, updateAnnotations } from "./annotate.ts";
import { effectMethod } from "./effect.ts";
import type { Job } from "./job.ts";
import { comparePriority, JobQueue } from "./job-queue.ts";
import { withoutMember } from "./json-path.ts";
import type { Manager } from "./manager.ts";
import { raise } from "./raise.ts";

type AllocResponse = ResponseOf<typeof sched.alloc>;
type Ready = RequestOf<(typeof jobManager)["schedReady"]>;

/** Alloc requests that go out in one go, before other messages get their turn. */
const maxBurst = 256;

/** The job manager's side of RFC 27: which jobs ask the scheduler for resources, and when. */
export class Alloc {
  readonly #manager: Manager;
  /** Jobs that wait for their request to be sent. */
  readonly queue = new JobQueue();
  /** Jobs whose request the scheduler has. */
  readonly #sent = new JobQueue();
  /** Most requests the scheduler takes at a time. */
  #limit = Number.POSITIVE_INFINITY;
  /** Identity of the scheduler while it is ready. */
  #scheduler: string | undefined;

  constructor(manager: Manager) {
    this.#manager = manager;
  }

  get isOnline(): boolean {
    return this.#scheduler !== undefined;
  }

  get outstanding(): number {
    return this.#sent.size;
  }

  // --- the scheduler ---

  /** Jobs that hold resources of the scheduler's: what it learns when it starts. */
  *hello(): IterableIterator<Job> {
    for (const job of this.#manager.jobs.active.values()) {
      if (job.hasResources && !job.allocBypass) yield job;
    }
  }

  /** Returns how many jobs wait. EPROTO for a mode that RFC 27 does not know. */
  ready({ mode, limit = 0 }: Ready, sender: string): number {
    if (mode === "limited" && limit > 0) this.#limit = limit;
    else if (mode === "unlimited") this.#limit = Number.POSITIVE_INFINITY;
    else throw new FluxError("EPROTO", `mode ${mode} with limit ${limit} is not one of RFC 27`);
    this.#scheduler = sender;
    this.#manager.log(7, `scheduler: ready ${mode}`);
    return this.queue.size;
  }

  disconnect(sender: string): void {
    if (sender === this.#scheduler) this.tearDown("disconnect");
  }

  /** The scheduler is gone: what it was asked for has to be asked again. */
  tearDown(why: string): void {
    if (!this.isOnline) return;
    this.#manager.log(7, `alloc: stop due to ${why}`);
    this.#scheduler = undefined;
    for (const job of [...this.#sent]) this.#requeue(job);
    this.#manager.drain.check();
  }

  onResponse(response: AllocResponse): void {
    const active = this.#manager.jobs.active.get(response.id);
    const job = active?.allocPending ? active : undefined;
    switch (response.type) {
      case AllocType.Success:
        this.#onSuccess(job, response);
        return;
      case AllocType.Annotate:
        if (!response.annotations) this.tearDown("alloc response without annotations");
        else if (job) updateAnnotations(this.#manager, job, response.annotations);
        return;
      case AllocType.Deny:
        if (job) this.#onDeny(job, response.note);
        return;
      case AllocType.Cancel:
        if (job) this.#onCancel(job);
        return;
      default:
        this.tearDown(`alloc response of unknown type ${response.type}`);
    }
  }

  #onSuccess(job: Job | undefined, { id, R, annotations }: AllocResponse): void {
    if (!R) {
      this.tearDown("alloc response without R");
      return;
    }
    const redacted = withoutMember(R, "scheduling");
    if (!job) {
      // The job was canceled while the scheduler decided.
      this.free(id, redacted, true);
      return;
    }
    this.#sent.delete(job);
    if (job.hasResources || job.R) {
      this.tearDown(`alloc response for ${id}, which is already allocated`);
      return;
    }
    job.R = redacted;
    if (annotations) updateAnnotations(this.#manager, job, annotations);
    job.allocPending = false;
    const context = job.annotations && { annotations: job.annotations };
    this.#manager.events.post(job, "alloc", context);
  }

  #onDeny(job: Job, note: string | undefined): void {
    job.allocPending = false;
    this.#sent.delete(job);
    clearAnnotations(this.#manager, job);
    raise(this.#manager, job, { type: "alloc", severity: 0, note, userid: this.#manager.owner });
  }

  #onCancel(job: Job): void {
    if (job.state === JobState.SCHED) {
      this.#requeue(job);
    } else {
      this.#sent.delete(job);
      job.allocPending = false;
      clearAnnotations(this.#manager, job);
    }
    this.#manager.drain.check();
  }

  // --- jobs ---

  /** A job in SCHED state asks for resources, unless it is held back. */
  enqueue(job: Job): void {
    if (job.allocQueued || job.allocPending || job.allocBypass || job.isHeld) return;
    if (job.priority === Priority.MIN || !this.#manager.queues.isStarted(job.queue)) return;
    this.queue.insert(job);
    job.allocQueued = true;
    this.#makeRoom();
  }

  /** Take back a job's request. `isFinal`: it is over with the job, the scheduler's answer is not awaited. */
  withdraw(job: Job, { isFinal }: { isFinal: boolean }): void {
    if (job.allocQueued) {
      this.queue.delete(job);
      job.allocQueued = false;
    }
    if (!job.allocPending) return;
    this.#cancel(job);
    if (!isFinal) return;
    this.#sent.delete(job);
    job.allocPending = false;
    clearAnnotations(this.#manager, job);
  }

  /** The priority of a job has changed. */
  onPriority(job: Job): void {
    if (job.allocQueued) {
      this.queue.reorder(job);
      this.#makeRoom();
    } else if (job.allocPending) {
      if (job.priority === Priority.MIN) {
        this.#cancel(job);
      } else {
        this.onPriorities([job]);
      }
    }
  }

  /** The priorities of jobs whose requests the scheduler has have changed. */
  onPriorities(jobs: readonly Job[]): void {
    if (jobs.length === 0) return;
    const request = { jobs: jobs.map(({ id, priority }) => [id, priority]) };
    this.#manager.effects.push({ do: "notify", method: effectMethod(sched.prioritize), request });
    for (const job of jobs) this.#sent.reorder(job);
    this.#makeRoom();
  }

  onQueueChange(event: string, queue: string | undefined): void {
    if (event !== "start" && event !== "stop") return;
    for (const job of this.#manager.jobs.active.values()) {
      if (queue !== undefined && job.queue !== queue) continue;
      if (event === "stop") this.withdraw(job, { isFinal: false });
      else if (job.state === JobState.SCHED) this.enqueue(job);
    }
  }

  /** Send what may be sent now. True if there is more that only waits for its turn. */
  pump(): boolean {
    for (let count = 0; ; count++) {
      const job = this.#next();
      if (!job || count === maxBurst) return job !== undefined;
      this.#send(job);
    }
  }

  free(id: Job["id"], R: JsonObject, final: boolean): void {
    if (!this.isOnline) return;
    const request = { id, R, final };
    this.#manager.effects.push({ do: "send", method: effectMethod(sched.free), request });
  }

  #next(): Job | undefined {
    if (!this.isOnline || this.#sent.size >= this.#limit) return undefined;
    const job = this.queue.first;
    // Held ones are last: when the first is held, all are.
    return job && job.priority > Priority.MIN ? job : undefined;
  }

  #send(job: Job): void {
    const { id, priority, userid, tSubmit: t_submit, jobspec } = job;
    const request = { id, priority, userid, t_submit, jobspec };
    this.#manager.effects.push({ do: "send", method: effectMethod(sched.alloc), request });
    this.queue.delete(job);
    job.allocQueued = false;
    job.allocPending = true;
    this.#sent.insert(job);
    if (job.flags & JobFlag.Debug) this.#manager.events.post(job, "debug.alloc-request");
  }

  #cancel({ id }: Job): void {
    this.#manager.effects.push({
      do: "notify",
      method: effectMethod(sched.cancel),
      request: { id },
    });
  }

  #requeue(job: Job): void {
    this.#sent.delete(job);
    job.allocPending = false;
    if (job.state === JobState.SCHED) this.enqueue(job);
    clearAnnotations(this.#manager, job, "sched");
  }

  /** Cancel requests of less important jobs when the scheduler takes only so many. */
  #makeRoom(): void {
    if (this.#sent.size < this.#limit) return;
    const sent = this.#sent.reversed();
    for (const better of this.queue) {
      const { value: worst } = sent.next();
      if (!worst || comparePriority(better, worst) >= 0) return;
      this.#cancel(worst);
    }
  }
}
