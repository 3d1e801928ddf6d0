import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import type { JobResult, JobState } from "@flux-ts/protocol/job/states";
import type { Credential } from "@flux-ts/protocol/message/credential";
import type { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Method } from "@flux-ts/protocol/rpc/method";
import type { Json, JsonObject } from "@flux-ts/protocol/schema/json";
import type { RankCommand } from "./rank-command.ts";

/** What plugins see of a job. */
export interface JobView {
  readonly id: JobId;
  readonly userid: number;
  readonly urgency: number;
  readonly priority: number;
  readonly state: JobState;
  readonly tSubmit: number;
  readonly jobspec: JsonObject;
  readonly R: JsonObject | undefined;
  readonly endEvent: EventlogEntry | undefined;
}

/** What a callback is told besides the job (wire-jobs §4.8). */
export interface JobtapArgs {
  /** With updates of a job that are to be validated: as it would be. */
  readonly jobspec?: JsonObject;
  readonly entry?: EventlogEntry;
  readonly prevState?: JobState;
  readonly dependency?: JsonObject;
  readonly updates?: JsonObject;
  readonly key?: string;
  readonly value?: Json;
  readonly cred?: Credential;
}

/** What a callback wants done. */
export interface JobtapResult {
  /** -2: not known yet, the job stays where it is. */
  readonly priority?: number;
  readonly annotations?: JsonObject;
  /** Resources without the scheduler; in job.state.sched only. */
  readonly R?: JsonObject;
  /** An update needs no further validation. */
  readonly validated?: boolean;
  /** An update has to be feasible for the scheduler. */
  readonly feasibility?: boolean;
  /** More to update with this update. */
  readonly updates?: JsonObject;
}

/** Throws a FluxError to refuse: the job, the dependency, the update. */
export type JobtapCallback = (job: JobView, args: JobtapArgs) => JobtapResult | undefined | void;

/** Serves a method of the plugin: gets the checked request and who sent it. Throws FluxError. */
export type JobtapService = (args: unknown, cred: Credential) => unknown;

/** What a plugin does in the life of jobs. */
export interface JobtapParts {
  /** Callbacks by topic, such as `job.state.run` or `job.dependency.afterok`. */
  readonly callbacks: ReadonlyMap<string, JobtapCallback>;
  /** The configuration of the instance, at the start and whenever it changes. Throws to refuse it. */
  readonly configure?: (config: JsonObject) => void;
  /** What `flux jobtap query` shows besides name and path. */
  readonly query?: () => JsonObject;
  readonly services?: readonly { method: Method<unknown, unknown>; handler: JobtapService }[];
}

/** A loaded plugin. */
export interface JobtapPlugin extends JobtapParts {
  /** Built-in ones start with a period. */
  readonly name: string;
  /** `builtin`, or the file it comes from. */
  readonly path: string;
}

/** How a job ended up, or where it is: for plugins that look at other jobs. */
export interface JobFate {
  readonly userid: number;
  readonly state: JobState;
  /** Known in CLEANUP and INACTIVE. */
  readonly result: JobResult | undefined;
  readonly wasAllocated: boolean;
  readonly wasStarted: boolean;
  readonly endedByException: boolean;
}

/** What plugins can do. All throw FluxError: ENOENT for unknown jobs, EINVAL where it is too late. */
export interface JobtapApi {
  /** Seconds since the epoch. */
  readonly now: number;
  /** Userid of the instance owner. */
  readonly owner: number;
  /** Hold a job in DEPEND until it is removed. Nothing happens if it was added before (RFC 26). */
  addDependency(id: JobId, description: string): void;
  removeDependency(id: JobId, description: string): void;
  /** The dependency was added and removed before: in an earlier life of the job manager. */
  wasDependencyMet(id: JobId, description: string): boolean;
  raise(id: JobId, exception: { type: string; severity: number; note: string }): void;
  postEvent(id: JobId, name: string, context?: JsonObject): void;
  updateJobspec(id: JobId, updates: JsonObject): void;
  setFlag(id: JobId, flag: string): void;
  /** Where a job is; undefined if there is none. */
  fateOf(id: JobId): JobFate | undefined;
  /** Have `job.event.NAME` callbacks for this job. */
  subscribe(id: JobId): void;
  unsubscribe(id: JobId): void;
  setPriority(id: JobId, priority: number): void;
  reprioritizeAll(): void;
  startProlog(id: JobId, description: string): void;
  finishProlog(id: JobId, description: string, status: number): void;
  startEpilog(id: JobId, description: string): void;
  finishEpilog(id: JobId, description: string, status: number): void;
  /** Run something at a time; returns what cancels it. */
  at(seconds: number, run: () => void): () => void;
  /** An RPC; `done` is called when it was answered. */
  call<Request>(
    method: Method<Request, unknown>,
    request: Request & JsonObject,
    done: (error?: FluxError) => void,
  ): void;
  /** Run a command on ranks; returns what sends a signal to what runs of it. */
  run(command: RankCommand): (ranks: readonly number[], signum: number) => void;
  /** How a job is named in texts. */
  jobName(id: JobId): string;
  /** Name of the host of a broker rank. */
  hostname(rank: number): string;
  /** The broker is in CLEANUP or beyond. */
  readonly isShuttingDown: boolean;
  log(severity: 3 | 4 | 6 | 7, text: string): void;
}

/** Makes a plugin. `conf` is what `flux jobtap load` or the configuration gave it. */
export type JobtapFactory = (api: JobtapApi, conf: JsonObject) => JobtapParts;
