import { f58, type JobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import type { JobNamer } from "../../plugins/job-name.ts";
import { Alloc } from "./alloc.ts";
import { Deadlines } from "./deadlines.ts";
import { Drain } from "./drain.ts";
import type { Effect } from "./effect.ts";
import { Events } from "./events.ts";
import { Housekeeping } from "./housekeeping.ts";
import { InactiveJobs } from "./inactive-jobs.ts";
import type { Job } from "./job.ts";
import { Jobtap } from "./jobtap.ts";
import { Queues } from "./queues.ts";
import { Start } from "./start.ts";
import { Wait } from "./wait.ts";

/** The jobs there are. */
export interface Jobs {
  readonly active: Map<JobId, Job>;
  readonly inactive: InactiveJobs;
  /** Jobs in RUN or CLEANUP. */
  running: number;
  /** The largest job id ever seen: job-ingest starts above it after a restart. */
  maxId: JobId;
}

/**
 * The job manager as a machine: requests, scheduler and execution service responses, time and finished
 * commits go in through methods of its parts; events to commit (`events.takeBatch`) and effects come out.
 */
export class Manager {
  /** Seconds since the epoch; set before each input. */
  now = 0;
  /** Userid of the instance owner. */
  readonly owner: number;
  /** Names of the hosts by broker rank. */
  hosts = new Hostlist();
  /** The broker is on its way to the end. */
  isShuttingDown = false;
  /** How jobs are named in texts. */
  jobName: JobNamer = f58;
  readonly effects: Effect[] = [];
  readonly jobs: Jobs = {
    active: new Map(),
    inactive: new InactiveJobs(),
    running: 0,
    maxId: 0n as JobId,
  };
  readonly deadlines = new Deadlines();
  readonly queues = new Queues((event, name) => this.alloc.onQueueChange(event, name));
  readonly events = new Events(this);
  readonly alloc = new Alloc(this);
  readonly start = new Start(this);
  readonly housekeeping = new Housekeeping(this);
  readonly wait = new Wait(this);
  readonly drain = new Drain(this);
  readonly jobtap = new Jobtap(this);

  constructor(owner: number) {
    this.owner = owner;
  }

  /** What is to be done since the last time. */
  takeEffects(): Effect[] {
    return this.effects.splice(0);
  }

  /** Time has passed: what was planned for it is due. */
  onTick(): void {
    for (const due of this.deadlines.take(this.now)) due();
  }

  /** An active job. Throws `errno` with "unknown job id" or "job is inactive". */
  activeJob(id: JobId, errno: "ENOENT" | "EINVAL", unknown = "unknown job id"): Job {
    const job = this.jobs.active.get(id);
    if (job) return job;
    throw new FluxError(errno, this.jobs.inactive.has(id) ? "job is inactive" : unknown);
  }

  log(severity: 3 | 4 | 6 | 7, text: string): void {
    this.effects.push({ do: "log", severity, text });
  }
}
