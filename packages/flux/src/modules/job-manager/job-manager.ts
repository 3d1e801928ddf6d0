import { errorOf } from "@flux-ts/client/pending-rpcs";
import type { Subscription } from "@flux-ts/client/subscriptions";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import type { Message } from "@flux-ts/protocol/message/message";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { execService } from "@flux-ts/protocol/services/exec-start";
import { heartbeatPulse } from "@flux-ts/protocol/services/heartbeat";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { sched } from "@flux-ts/protocol/services/sched";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { jobNamer } from "../../plugins/job-name.ts";
import { defineModule, type ModuleContext, type ModuleInstance } from "../../plugins/module.ts";
import { WallClock } from "../../plugins/wall-clock.ts";
import { restoreCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { Committer } from "./committer/committer.ts";
import { JobtapLoader } from "./jobtap-loader.ts";
import { Journal } from "./journal.ts";
import { Manager } from "./manager.ts";
import { Performer, requestOf } from "./perform.ts";
import { maxPurgeBatch, purge } from "./purge.ts";
import { RankRunner } from "./rank-runner/rank-runner.ts";
import { requestHandlers } from "./requests.ts";
import { replay, restore, resume } from "./restart.ts";
import { serveStored } from "./serve-stored/serve-stored.ts";
import { type Settings, settingsOf } from "./settings.ts";
import { JobStore } from "./store/store.ts";
import { Update } from "./update.ts";
import { watchCleanup } from "./watch-cleanup/watch-cleanup.ts";
import { watchExpiration } from "./watch-expiration/watch-expiration.ts";

/** The longest time that a timer can be set for, in milliseconds. */
const maxTimerMs = 2 ** 31 - 1;

/** Takes jobs from submission to their end (RFC 21): the driver around the machine in manager.ts. */
class JobManager implements ModuleInstance {
  readonly context: ModuleContext;
  readonly manager: Manager;
  readonly update: Update;
  readonly journal = new Journal();
  readonly store: JobStore;
  readonly committer: Committer;
  readonly loader: JobtapLoader;
  readonly #performer: Performer;
  readonly #clock = new WallClock();
  settings: Settings;
  #timer: NodeJS.Timeout | undefined;
  #pumpScheduled = false;
  #heartbeat: Subscription | undefined;
  #isPurging = false;
  #stopWatching: (() => void) | undefined;
  #stopWatchingState: (() => void) | undefined;

  constructor(context: ModuleContext) {
    this.context = context;
    const { flux } = context;
    this.manager = new Manager(Number(context.attr("security.owner") ?? 0));
    this.manager.jobName = jobNamer(process.env);
    this.update = new Update(this.manager);
    this.store = new JobStore(flux);
    this.#performer = new Performer({
      flux,
      journal: this.journal,
      runner: new RankRunner(flux, (run) => this.input(run)),
      log: (severity, text) => context.log(severity, text),
      input: (run) => this.input(run),
    });
    const { events } = this.manager;
    this.committer = new Committer({
      take: () => (events.hasBatch ? events.takeBatch() : undefined),
      commit: (batch) => this.store.append(batch),
      onCommitted: (batch) => this.input(() => events.onCommitted(batch)),
      onFailed: (error) => context.fail(error),
    });
    this.loader = new JobtapLoader(this.manager, {
      expiration: () => this.update.instanceExpiration,
      serve: (method, handler) =>
        flux.serve(method, (args, request) => this.input(() => handler(args, request))),
      unserve: (topic) => flux.dispatcher.unserve(topic),
    });
    this.settings = settingsOf(context.config);
  }

  /** Everything that goes into the machine goes through here; what comes out is done. */
  input<T>(run: () => T): T {
    this.manager.now = this.#clock.now();
    try {
      return run();
    } finally {
      this.#pump();
      this.#performer.perform(this.manager.takeEffects());
      if (this.manager.events.hasBatch) this.committer.poke();
      this.#setTimer();
    }
  }

  /** Alloc requests in bursts, so that a long queue does not keep other messages waiting. */
  #pump(): void {
    if (!this.manager.alloc.pump() || this.#pumpScheduled) return;
    this.#pumpScheduled = true;
    setImmediate(() => {
      this.#pumpScheduled = false;
      this.input(() => {});
    });
  }

  #setTimer(): void {
    clearTimeout(this.#timer);
    const { next } = this.manager.deadlines;
    if (next === undefined) return;
    const delay = Math.min(Math.max(next * 1000 - Date.now(), 0), maxTimerMs);
    this.#timer = setTimeout(() => this.input(() => this.manager.onTick()), Math.ceil(delay));
  }

  async start(): Promise<void> {
    const { flux, config } = this.context;
    this.manager.now = this.#clock.now();
    this.manager.hosts = Hostlist.parse(this.context.attr("hostlist") ?? "");
    this.manager.queues.configure(config.queues);
    this.manager.housekeeping.configure(config);
    this.loader.start(config);
    this.#serve();
    await this.#restart();
    flux.onStrayResponse = (response) => this.#onStrayResponse(response);
    this.#stopWatching = watchExpiration(flux, (seconds) => {
      this.input(() => this.update.onInstanceExpiration(seconds));
    });
    this.#stopWatchingState = watchCleanup(flux, () => {
      this.manager.isShuttingDown = true;
    });
    this.#heartbeat = await flux.subscribe(heartbeatPulse, () => void this.#purgeSurplus());
  }

  #serve(): void {
    const { flux } = this.context;
    const { historyGet: _history, postEvent: _post, ...methods } = jobManager;
    const handlers = { ...requestHandlers(this.manager, this.update), ...serveStored(this) };
    flux.serveAll(methods, this.#asInputs(handlers));
  }

  /** The same handlers, each of them an input of the machine. */
  #asInputs<Group extends object>(handlers: Group): Group {
    const wrapped = Object.entries(handlers).map(([name, handler]) => {
      return [name, (...args: unknown[]) => this.input(() => handler(...args))];
    });
    return Object.fromEntries(wrapped) as Group;
  }

  async #restart(): Promise<void> {
    const { context, manager, store } = this;
    const checkpoint = await store.checkpoint();
    const stopStarted = this.settings.stopQueuesOnRestart;
    if (checkpoint) restoreCheckpoint(manager, checkpoint, { stopStarted });
    const broken: JobId[] = [];
    let count = 0;
    await store.forEach((id, stored) => {
      try {
        if (stored instanceof FluxError) throw stored;
        restore(manager, replay(stored));
        count++;
      } catch (error) {
        if (!(error instanceof FluxError)) throw error;
        context.log(3, `job ${manager.jobName(id)} not replayed: ${error.message}`);
        broken.push(id);
      }
    });
    for (const id of broken) await store.moveToLostFound(id);
    context.log(6, `restart: ${count} jobs`);
    context.log(6, `restart: ${manager.jobs.running} running jobs`);
    if (!checkpoint) context.log(6, "restart: checkpoint.job-manager not found");
    context.log(7, `restart: max_jobid=${manager.jobName(manager.jobs.maxId)}`);
    this.input(() => resume(manager));
  }

  #onStrayResponse(response: Message): void {
    const { alloc, start } = this.manager;
    if (response.topic === sched.alloc.topic) {
      this.input(() => {
        try {
          alloc.onResponse(decode(sched.alloc.response, response));
        } catch (error) {
          alloc.tearDown(`alloc response error: ${(error as Error).message}`);
        }
      });
    } else if (response.topic !== undefined && response.topic === start.topic) {
      this.input(() => {
        try {
          start.onResponse(decode(execService("").start.response, response));
        } catch (error) {
          start.tearDown(`start response error: ${(error as Error).message}`);
        }
      });
    }
  }

  /** Forget inactive jobs beyond the configured limits, some at a time. */
  async #purgeSurplus(): Promise<void> {
    const { limits } = this.settings;
    const isUnlimited = limits.ageSeconds === undefined && limits.count === undefined;
    if (isUnlimited || this.#isPurging) return;
    this.#isPurging = true;
    try {
      const purged = this.input(() => purge(this.manager, limits, maxPurgeBatch));
      if (purged.ids.length > 0) await this.removePurged(purged);
    } catch (error) {
      this.context.log(3, `error committing purge KVS transaction: ${(error as Error).message}`);
    } finally {
      this.#isPurging = false;
    }
  }

  async removePurged({ ids, wasLargest }: ReturnType<typeof purge>): Promise<void> {
    // Events of these jobs that are still on their way would bring them back.
    await this.committer.flush();
    await this.store.remove(ids, wasLargest ? saveCheckpoint(this.manager) : undefined);
    this.context.log(7, `purged ${ids.length} inactive jobs`);
  }

  configReload(config: JsonObject): void {
    const settings = settingsOf(config);
    this.loader.configure(config);
    this.input(() => {
      this.manager.housekeeping.configure(config);
      this.manager.queues.configure(config.queues);
    });
    this.settings = settings;
  }

  async stop(): Promise<void> {
    const { drain, wait } = this.manager;
    clearTimeout(this.#timer);
    this.#stopWatching?.();
    this.#stopWatchingState?.();
    const unloading = new FluxError("ENOSYS", "job-manager is unloading");
    for (const asker of [...drain.takeAll(), ...wait.takeAll()]) requestOf(asker).fail(unloading);
    const shuttingDown = new FluxError("EAGAIN", "job manager is shutting down");
    for (const asker of this.update.takeAll()) requestOf(asker).fail(shuttingDown);
    await this.committer.flush();
    await this.store.saveCheckpoint(saveCheckpoint(this.manager), { isSync: false });
    this.journal.end();
    void this.#heartbeat?.unsubscribe().catch(() => {});
  }
}

function decode<T>(
  body: { decode(payload: Message["payload"], path: string): T },
  message: Message,
): T {
  if (message.errnum !== 0) throw errorOf(message);
  return body.decode(message.payload, message.topic ?? "");
}

export type { JobManager };

export default defineModule({
  name: "job-manager",
  host: "inline",
  async start(context) {
    const instance = new JobManager(context);
    await instance.start();
    return instance;
  },
});
