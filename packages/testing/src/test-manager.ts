import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { type Credential, Role } from "@flux-ts/protocol/message/credential";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { sched } from "@flux-ts/protocol/services/sched";
import type { Asker, Effect } from "flux-ts/modules/job-manager/effect";
import type { Job } from "flux-ts/modules/job-manager/job";
import { JobtapLoader } from "flux-ts/modules/job-manager/jobtap-loader";
import { Manager } from "flux-ts/modules/job-manager/manager";
import { submit } from "flux-ts/modules/job-manager/submit";
import { Update } from "flux-ts/modules/job-manager/update";

/** Uid of the instance owner of a test manager. */
export const managerOwner = 500;
export const ownerCred: Credential = { userid: managerOwner, rolemask: Role.Owner };
export const guestCred: Credential = { userid: 1001, rolemask: Role.User };

type EffectOf<Kind extends Effect["do"]> = Extract<Effect, { do: Kind }>;

export interface TestJob {
  userid?: number;
  urgency?: number;
  flags?: number;
  system?: JsonObject;
}

/** Resources for tests: rank 0 with one core. */
export const testR: JsonObject = {
  version: 1,
  execution: {
    R_lite: [{ rank: "0", children: { core: "0" } }],
    starttime: 1000,
    expiration: 0,
    nodelist: ["host"],
  },
};

export function testJobspec(system: JsonObject = {}): JsonObject {
  return {
    version: 1,
    resources: [{ type: "slot", count: 1, label: "task", with: [{ type: "core", count: 1 }] }],
    tasks: [{ command: ["app"], slot: "task", count: { per_slot: 1 } }],
    attributes: { system: { duration: 0, ...system } },
  };
}

/** The job manager's machine with its built-in plugins, driven step by step. */
export class TestManager {
  readonly manager = new Manager(managerOwner);
  readonly update = new Update(this.manager);
  readonly loader: JobtapLoader;
  /** Effects seen and not asked for yet. */
  #effects: Effect[] = [];
  /** What was committed, by job. */
  readonly logs = new Map<JobId, string>();
  #lastId = 0n;

  constructor(config: JsonObject = {}) {
    this.manager.now = 1000;
    this.manager.queues.configure(config.queues);
    this.manager.housekeeping.configure(config);
    this.manager.takeEffects();
    this.loader = new JobtapLoader(this.manager, {
      expiration: () => this.update.instanceExpiration,
      serve() {},
      unserve() {},
    });
    this.loader.start(config);
  }

  /** Hand in a job; returns its id. It is durable after `commit`. */
  submit({ userid = managerOwner, urgency = 16, flags = 0, system = {} }: TestJob = {}): JobId {
    this.#lastId += 1n;
    const id = this.#lastId as JobId;
    const job = { id, userid, urgency, flags, t_submit: this.manager.now };
    submit(this.manager, asker(`submit-${id}`), [{ ...job, jobspec: testJobspec(system) }]);
    return id;
  }

  /** Hand in a job and let it get on as far as it can without a scheduler. */
  accept(job: TestJob = {}): JobId {
    const id = this.submit(job);
    this.commit();
    return id;
  }

  commit(): void {
    const { events } = this.manager;
    while (events.hasBatch) {
      const batch = events.takeBatch();
      for (const [id, lines] of batch.lines) this.logs.set(id, (this.logs.get(id) ?? "") + lines);
      events.onCommitted(batch);
    }
  }

  job(id: JobId): Job {
    const job = this.manager.jobs.active.get(id);
    if (!job) throw new Error(`job ${id} is not active`);
    return job;
  }

  /** Names of the events in a job's committed log. */
  names(id: JobId): string[] {
    this.commit();
    return this.entries(id).map(({ name }) => name);
  }

  entries(id: JobId): EventlogEntry[] {
    const lines = (this.logs.get(id) ?? "").trimEnd().split("\n");
    return lines.map((line) => JSON.parse(line) as EventlogEntry);
  }

  /** Effects of a kind since they were last taken. */
  take<Kind extends Effect["do"]>(kind: Kind): EffectOf<Kind>[] {
    this.#effects.push(...this.manager.takeEffects());
    const taken = this.#effects.filter((effect) => effect.do === kind) as EffectOf<Kind>[];
    this.#effects = this.#effects.filter((effect) => effect.do !== kind);
    return taken;
  }

  /** Ids of the jobs that the scheduler was asked to allocate since the last time. */
  allocRequests(): JobId[] {
    this.manager.alloc.pump();
    return this.#sent(sched.alloc.topic);
  }

  freed(): JobId[] {
    return this.#sent(sched.free.topic);
  }

  #sent(topic: string): JobId[] {
    const sent = this.take("send");
    const matching = sent.filter(({ method }) => method.topic === topic);
    this.#effects.push(...sent.filter(({ method }) => method.topic !== topic));
    return matching.map(({ request }) => request.id as JobId);
  }

  /** A scheduler is there. */
  schedule(limit?: number): void {
    const mode = limit === undefined ? { mode: "unlimited" } : { mode: "limited", limit };
    this.manager.alloc.ready(mode, "sched");
  }

  alloc(id: JobId, annotations?: JsonObject, R = testR): void {
    this.manager.alloc.pump();
    const given = annotations && { annotations };
    this.manager.alloc.onResponse({ id, type: 0, R, ...given });
  }

  execute(): void {
    this.manager.start.hello("job-exec", "exec");
    this.manager.start.startAll();
  }

  respond(id: JobId, type: string, data: JsonObject = {}): void {
    this.manager.start.onResponse({ id, type, data });
  }

  /** Run an allocated job to its end. */
  finish(id: JobId, status = 0): void {
    this.respond(id, "start");
    this.respond(id, "finish", { status });
    this.respond(id, "release", { ranks: "all", final: true });
  }

  /** From submission to the end. */
  run(job: TestJob = {}, status = 0): JobId {
    const id = this.accept(job);
    this.alloc(id);
    this.finish(id, status);
    this.commit();
    return id;
  }
}

/** A client that waits for an answer. */
export function asker(sender: string): Asker {
  return { sender };
}
