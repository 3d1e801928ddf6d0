import { JobState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { ResponseOf } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { type ExecService, execService } from "@flux-ts/protocol/services/exec-start";
import { JobFlag } from "@flux-ts/protocol/services/job-ingest";
import { act } from "./action.ts";
import { effectMethod } from "./effect.ts";
import type { Job } from "./job.ts";
import type { Manager } from "./manager.ts";
import { raise } from "./raise.ts";

type StartResponse = ResponseOf<ExecService["start"]>;

/** The job manager's side of RFC 32: starting jobs that have resources, and what becomes of them. */
export class Start {
  readonly #manager: Manager;
  #service: ExecService | undefined;
  /** Identity of the execution service. */
  #sender: string | undefined;

  constructor(manager: Manager) {
    this.#manager = manager;
  }

  /** Topic of the start requests, by which responses are recognised. */
  get topic(): string | undefined {
    return this.#service?.start.topic;
  }

  /** An execution service is there. EINVAL while jobs are in the hands of another one. */
  hello(service: string, sender: string): void {
    const jobs = this.#manager.jobs.active.values();
    if (this.#service) {
      for (const job of jobs) if (job.startPending) throw new FluxError("EINVAL");
    }
    this.#service = execService(service);
    this.#sender = sender;
  }

  /** After hello was answered: jobs that wait to be started, or ran before. */
  startAll(): void {
    for (const job of [...this.#manager.jobs.active.values()]) {
      if (job.state === JobState.RUN) act(this.#manager, job);
    }
  }

  disconnect(sender: string): void {
    if (sender === this.#sender) this.tearDown("disconnect");
  }

  /** The execution service is gone; the next one gets the requests again. */
  tearDown(why: string): void {
    if (!this.#service) return;
    const { events, jobs } = this.#manager;
    this.#manager.log(7, `start: stop due to ${why}`);
    this.#service = undefined;
    this.#sender = undefined;
    for (const job of [...jobs.active.values()]) {
      if (!job.startPending) continue;
      if (job.flags & JobFlag.Debug) events.post(job, "debug.start-lost", { note: why });
      job.startPending = false;
    }
  }

  /** Ask for a job to be started, once. */
  request(job: Job): void {
    if (job.startPending || !this.#service || !job.R) return;
    const { effects, events } = this.#manager;
    const { id, userid, jobspec, R } = job;
    const request = { id, userid, jobspec, reattach: job.isStarted, R };
    effects.push({ do: "send", method: effectMethod(this.#service.start), request });
    job.startPending = true;
    if (job.flags & JobFlag.Debug) events.post(job, "debug.start-request");
  }

  onResponse({ id, type, data }: StartResponse): void {
    const job = this.#manager.jobs.active.get(id);
    if (!job) {
      this.#manager.log(3, `start response: id=${id} not active`);
      return;
    }
    const post = (name: string, context?: JsonObject): void =>
      this.#manager.events.post(job, name, context);
    switch (type) {
      case "start":
        if (job.isStarted) this.#manager.log(3, `start response: id=${id} is started already`);
        else post("start");
        return;
      case "reattached":
        if (job.flags & JobFlag.Debug) post("debug.exec-reattach-finish");
        return;
      case "release":
        this.#onRelease(job, data);
        return;
      case "exception":
        this.#onException(job, data);
        return;
      case "finish":
        if (Number.isInteger(data.status)) post("finish", { status: data.status });
        else this.#malformed(type);
        return;
      default:
        this.#manager.log(3, `start: unknown response type=${type}`);
    }
  }

  #onRelease(job: Job, { ranks, final }: JsonObject): void {
    if (typeof ranks !== "string" || typeof final !== "boolean") {
      this.#malformed("release");
      return;
    }
    // RFC 32: the final release is the last response.
    if (final) job.startPending = false;
    this.#manager.events.post(job, "release", { ranks, final });
  }

  #onException(job: Job, { severity, type, note }: JsonObject): void {
    if (!Number.isInteger(severity) || typeof type !== "string") {
      this.#malformed("exception");
      return;
    }
    const userid = this.#manager.owner;
    const context = { type, severity, userid, note: typeof note === "string" ? note : "" };
    this.#manager.events.post(job, "exception", context);
  }

  #malformed(type: string): void {
    this.#manager.log(3, `start: ${type} response: malformed data`);
  }

  /** A running job may stay longer or shorter than it was told. */
  sendExpiration(job: Job, { expiration }: JsonObject): void {
    if (!this.#service || typeof expiration !== "number") return;
    this.#manager.effects.push({
      do: "call",
      method: effectMethod(this.#service.expiration),
      request: { id: job.id, expiration },
      done: (error) => error && this.#onExpirationRefused(job),
    });
  }

  #onExpirationRefused(job: Job): void {
    if (job.isReadonly) return;
    const note =
      "failed to send expiration update to exec system: " +
      "job termination may not coincide with expiration";
    raise(this.#manager, job, { type: "exec", severity: 1, note });
  }
}
