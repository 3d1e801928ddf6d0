import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import { f58, type JobId } from "@flux-ts/protocol/job/fluid";
import { type CommandOptions, fromCommand } from "@flux-ts/protocol/job/from-command";
import type { Jobspec } from "@flux-ts/protocol/job/jobspec";
import type { OutputEvent } from "@flux-ts/protocol/job/output";
import { wrapNone } from "@flux-ts/protocol/job/sign";
import { JobState } from "@flux-ts/protocol/job/states";
import { Urgency } from "@flux-ts/protocol/job/urgency";
import { stringifyJson } from "@flux-ts/protocol/schema/json";
import { JobFlag, jobIngest } from "@flux-ts/protocol/services/job-ingest";
import { type JobListing, jobList } from "@flux-ts/protocol/services/job-list";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import type { Flux } from "./handle.ts";
import { eventlogPaths, jobEvents, jobOutput, type WatchOptions } from "./job-events.ts";
import { JobOutcome } from "./job-outcome.ts";

export interface SubmitOptions {
  /** 0 (hold) to 31 (expedite); default 16. */
  readonly urgency?: number;
  /** The job can be waited for with `wait`, once. */
  readonly waitable?: boolean;
  /** Log more events. */
  readonly debug?: boolean;
  /** Skip the validators; for the instance owner. */
  readonly novalidate?: boolean;
  /** Sign the jobspec (RFC 39); default: mechanism none, which only the instance owner may use. */
  readonly sign?: (jobspec: Uint8Array) => string | Promise<string>;
}

/** Submit a jobspec, as an object or as JSON text. Resolves to the job's id once it is durable. */
export async function submitJobspec(
  flux: Flux,
  jobspec: Jobspec | string,
  options: SubmitOptions = {},
): Promise<JobId> {
  const text = typeof jobspec === "string" ? jobspec : stringifyJson(jobspec);
  const payload = new TextEncoder().encode(text);
  const sign = options.sign ?? ((bytes) => wrapNone(bytes, process.getuid?.() ?? 0));
  const { id } = await flux.call(jobIngest.submit, {
    J: await sign(payload),
    urgency: options.urgency ?? Urgency.DEFAULT,
    flags:
      (options.debug ? JobFlag.Debug : 0) |
      (options.waitable ? JobFlag.Waitable : 0) |
      (options.novalidate ? JobFlag.NoValidate : 0),
  });
  return id;
}

/** Submit a command: `submit(flux, ["hostname"], { nodes: 2 })`. */
export async function submit(
  flux: Flux,
  command: readonly string[],
  options: CommandOptions & SubmitOptions = {},
): Promise<Job> {
  const environment = options.environment ?? (process.env as Record<string, string>);
  const jobspec = fromCommand(command, { cwd: process.cwd(), ...options, environment });
  return new Job(flux, await submitJobspec(flux, jobspec, options));
}

/** What a job has written, by stream. */
export interface CollectedOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** A job of an instance. */
export class Job {
  readonly id: JobId;
  readonly #flux: Flux;

  constructor(flux: Flux, id: JobId) {
    this.#flux = flux;
    this.id = id;
  }

  /** The id as people write it, such as `ƒuZZybuNNy`. */
  get f58(): string {
    return f58(this.id);
  }

  /** Events of the job's main eventlog, or another one, until no more can come. */
  events(
    path: string = eventlogPaths.main,
    options: WatchOptions = {},
  ): AsyncIterableIterator<EventlogEntry> {
    return jobEvents(this.#flux, this.id, path, options);
  }

  /** Output as it comes, until the job has ended. */
  outputEvents(): AsyncIterableIterator<OutputEvent> {
    return jobOutput(this.#flux, this.id, { waitCreate: true });
  }

  /** All output, once the job has ended. */
  async output(): Promise<CollectedOutput> {
    const collected = { stdout: "", stderr: "" };
    const decoder = { stdout: new TextDecoder(), stderr: new TextDecoder() };
    for await (const { name, context } of this.outputEvents()) {
      if (name !== "data" || !context.data) continue;
      const stream = context.stream === "stderr" ? "stderr" : "stdout";
      collected[stream] += decoder[stream].decode(context.data, { stream: true });
    }
    return collected;
  }

  /** How the job went, once it is inactive. */
  async result(): Promise<JobOutcome> {
    const outcome = new JobOutcome();
    for await (const event of this.events()) outcome.onEvent(event);
    return outcome;
  }

  /** Wait for an event of the main eventlog, such as `start`; undefined if the job ends without it. */
  async waitEvent(name: string): Promise<EventlogEntry | undefined> {
    for await (const event of this.events()) if (event.name === name) return event;
    return undefined;
  }

  /** End the job. */
  async cancel(note?: string): Promise<void> {
    await this.raise("cancel", { severity: 0, ...(note !== undefined && { note }) });
  }

  /** Raise an exception (RFC 21); severity 0 ends the job. */
  async raise(type: string, { severity = 0, note }: { severity?: number; note?: string } = {}) {
    const request = { id: this.id, type, severity, ...(note !== undefined && { note }) };
    await this.#flux.call(jobManager.raise, request);
  }

  /** Send a signal to the job's tasks. */
  async kill(signum: number): Promise<void> {
    await this.#flux.call(jobManager.kill, { id: this.id, signum });
  }

  /** Set the urgency (RFC 30); resolves to the one before. */
  async setUrgency(urgency: number): Promise<number> {
    const { old_urgency } = await this.#flux.call(jobManager.urgency, { id: this.id, urgency });
    return old_urgency;
  }

  /** What listings show of the job. */
  async info(attrs: readonly string[] = ["all"]): Promise<JobListing> {
    const { job } = await this.#flux.call(jobList.listId, { id: this.id, attrs: [...attrs] });
    return job;
  }

  /** What listings show, once the job is inactive. */
  async inactiveInfo(attrs: readonly string[] = ["all"]): Promise<JobListing> {
    const request = { id: this.id, attrs: [...attrs], state: JobState.INACTIVE };
    return (await this.#flux.call(jobList.listId, request)).job;
  }
}

/** The result of a waitable job: each is told once. */
export interface WaitResult {
  readonly id: JobId;
  readonly success: boolean;
  /** Why it failed; empty if it did not. */
  readonly errstr: string;
}

/** Wait for a waitable job, or for whichever ends next. ECHILD: there is none. */
export async function waitJob(flux: Flux, id?: JobId): Promise<WaitResult> {
  return flux.call(jobManager.wait, { id: id ?? (-1n as JobId) });
}
