import { later, type Request } from "@flux-ts/client/request";
import { RequestSet } from "@flux-ts/client/request-set";
import { formatJobId, type JobId, toJobId } from "@flux-ts/protocol/job/fluid";
import { Role } from "@flux-ts/protocol/message/credential";
import { anyBody } from "@flux-ts/protocol/rpc/body";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { ResponseOf } from "@flux-ts/protocol/rpc/method";
import type { Json, JsonObject } from "@flux-ts/protocol/schema/json";
import { jobList } from "@flux-ts/protocol/services/job-list";
import { type JournalEntry, jobManager } from "@flux-ts/protocol/services/job-manager";
import { KvsFlag, kvs, primaryNamespace } from "@flux-ts/protocol/services/kvs";
import { defineModule, type ModuleContext, type ModuleInstance } from "../../plugins/module.ts";
import { type Attribute, attributeNames, listingOf, selectAttributes } from "./attributes.ts";
import type { JobRecord } from "./job-record.ts";
import type { StatsResponse } from "./job-stats.ts";
import { Jobs } from "./jobs.ts";
import { ofUser, parseListIdRequest, parseListRequest } from "./list-request.ts";
import { selectJobs } from "./select-jobs.ts";
import { type Settings, settingsOf } from "./settings.ts";
import { isMissing, Waits } from "./waits.ts";

/** Jobs in one response of a stream, and rendered in one turn of the event loop. */
const jobsPerResponse = 250;
/** Changes within this time are told to watchers of the numbers together. */
const statsDelayMs = 200;
/** Journal entries kept while it is paused; then it goes on by itself. */
const maxPaused = 100_000;
/** Constraints on hosts may name as many as there are brokers, but always this many. */
const leastMaxHosts = 1024;

type List = ResponseOf<typeof jobList.list>;
type ListId = ResponseOf<typeof jobList.listId>;

/** A request for one job that is not there yet. */
interface Asker {
  readonly request: Request<ListId>;
  readonly attrs: readonly Json[];
}

/** Tells people and tools of the jobs (RFC 43): the driver around the tables in jobs.ts. */
class JobList implements ModuleInstance {
  readonly #context: ModuleContext;
  readonly #jobs = new Jobs();
  readonly #waits = new Waits<Asker>();
  readonly #lists = new Set<Request<List>>();
  readonly #watchers = new RequestSet<StatsResponse>();
  #statsTimer: NodeJS.Timeout | undefined;
  #settings: Settings;
  #paused: JournalEntry[] | undefined;
  #lookups = 0;
  #stopJournal = (): void => {};
  #isStopping = false;
  /** Resolves when the journal has told the past. */
  readonly #ready: Promise<void>;
  #onReady!: () => void;

  constructor(context: ModuleContext) {
    this.#context = context;
    this.#settings = settingsOf(context.config);
    this.#jobs.stats.addQueues(context.config.queues);
    this.#ready = new Promise((resolve) => {
      this.#onReady = resolve;
    });
  }

  async start(): Promise<void> {
    const { flux } = this.#context;
    this.#serve();
    await flux.subscribe("job-purge-inactive", (_topic, payload) => this.#onPurge(payload()));
    const journal = flux.follow(
      jobManager.eventsJournal,
      { next: (entry) => this.#onEntry(entry), end: (error) => this.#onJournalEnd(error) },
      { full: true },
      { cancel: jobManager.eventsJournalCancel },
    );
    this.#stopJournal = () => {
      this.#isStopping = true;
      journal.cancel();
    };
  }

  configReload(config: JsonObject): void {
    this.#settings = settingsOf(config);
    this.#jobs.stats.addQueues(config.queues);
  }

  stop(): void {
    clearTimeout(this.#statsTimer);
    this.#stopJournal();
  }

  #serve(): void {
    const { list, listId, ...methods } = jobList;
    const { flux } = this.#context;
    flux.serve({ ...list, request: anyBody }, (args, request) => this.#list(args, request));
    flux.serve({ ...listId, request: anyBody }, (args, request) => this.#listId(args, request));
    flux.serveAll(methods, {
      listAttrs: () => ({ attrs: [...attributeNames] }),
      jobStats: (_args, request) => this.#serveStats(request),
      statsGet: async (_args, request) => {
        await this.#ready;
        if (this.#isRestricted(request)) throw new FluxError("EPERM");
        const { pending, running, inactive } = this.#jobs;
        return {
          jobs: { pending: pending.size, running: running.size, inactive: inactive.size },
          idsync: { lookups: this.#lookups, waits: this.#waits.size },
          stats_watchers: this.#watchers.size,
        };
      },
      jobStatePause: async () => {
        await this.#ready;
        this.#paused ??= [];
      },
      jobStateUnpause: async () => {
        await this.#ready;
        this.#unpause();
      },
      disconnect: (_args, client) => {
        this.#watchers.disconnect(client);
        this.#waits.drop(({ request }) => request.sender === client.sender);
        for (const request of this.#lists) {
          if (request.sender === client.sender) this.#lists.delete(request);
        }
      },
    });
  }

  #onEntry(entry: JournalEntry): void {
    if (entry.id === -1n) {
      this.#onReady();
    } else if (this.#paused) {
      this.#paused.push(entry);
      if (this.#paused.length >= maxPaused) this.#unpause();
    } else {
      this.#apply(entry);
    }
  }

  #unpause(): void {
    const entries = this.#paused ?? [];
    this.#paused = undefined;
    for (const entry of entries) this.#apply(entry);
  }

  #apply({ id, events, jobspec, R }: JournalEntry): void {
    for (const event of events) {
      const {
        name,
        timestamp,
        context = {},
      } = event as {
        name: string;
        timestamp: number;
        context?: JsonObject;
      };
      if (name === "invalidate") {
        this.#jobs.onInvalid(id);
        for (const { request } of this.#waits.takeAll(id)) request.fail(new FluxError("ENOENT"));
        continue;
      }
      try {
        const job = this.#jobs.onEvent(id, { name, timestamp, context, R }, jobspec);
        if (job) this.#onStateChange(job);
      } catch (error) {
        if (!(error instanceof FluxError)) throw error;
        this.#context.log(3, error.message);
      }
    }
  }

  #onStateChange(job: JobRecord): void {
    for (const asker of this.#waits.take(job)) this.#answer(asker, job);
    this.#onStatsChange();
  }

  #onPurge({ jobs }: JsonObject): void {
    if (!Array.isArray(jobs)) return;
    const count = this.#jobs.onPurge(jobs as (bigint | number)[]);
    this.#context.log(7, `purged ${count} inactive jobs`);
    this.#onStatsChange();
  }

  #onJournalEnd(error?: FluxError): void {
    if (this.#isStopping) return;
    if (error) this.#context.log(3, `journal: ${error.message}`);
    else this.#context.log(6, "journal: EOF (exiting)");
    this.#context.fail(error);
  }

  /** In private mode, guests see their own jobs alone. */
  #isRestricted({ rolemask }: Request<unknown>): boolean {
    return this.#settings.isPrivate && (rolemask & (Role.Owner | Role.Admin)) === 0;
  }

  async #list(args: JsonObject, request: Request<List>): Promise<List | typeof later> {
    await this.#ready;
    const { attrs, ...selection } = parseListRequest(args);
    if (this.#isRestricted(request)) {
      selection.constraint = ofUser(selection.constraint, request.userid);
    }
    const attributes = selectAttributes(attrs);
    const { maxComparisons } = this.#settings;
    const maxHosts = Math.max(this.#context.size, leastMaxHosts);
    const ids = selectJobs(this.#jobs, selection, { maxComparisons, maxHosts });
    if (!request.isStreaming) return { jobs: this.#listings(ids, attributes) };
    await this.#stream(ids, attributes, request);
    return later;
  }

  /** Long lists take several turns of the event loop, so that others are not kept waiting. */
  async #stream(
    ids: readonly JobId[],
    attributes: readonly Attribute[],
    request: Request<List>,
  ): Promise<void> {
    this.#lists.add(request);
    for (let at = 0; at < ids.length && this.#lists.has(request); at += jobsPerResponse) {
      if (at > 0) await new Promise(setImmediate);
      const jobs = this.#listings(ids.slice(at, at + jobsPerResponse), attributes);
      request.respond(at === 0 ? { jobs, version: 1 } : { jobs });
    }
    if (this.#lists.delete(request)) request.end();
  }

  /** Jobs that were purged in the meantime are left out. */
  #listings(ids: readonly JobId[], attributes: readonly Attribute[]): List["jobs"] {
    return ids.flatMap((id) => {
      const job = this.#jobs.get(id);
      return job ? [listingOf(job, attributes)] : [];
    });
  }

  async #listId(args: JsonObject, request: Request<ListId>): Promise<typeof later> {
    await this.#ready;
    const { id: given, attrs, states } = parseListIdRequest(args);
    const id = knownId(given);
    if (!this.#jobs.get(id)) await this.#checkStored(id);
    const asker = { request, attrs };
    const job = this.#jobs.get(id);
    if (job && !isMissing(job, states)) this.#answer(asker, job);
    else this.#waits.add(id, states, asker);
    return later;
  }

  /** A job that was just submitted can be in the KVS before the journal tells of it. ENOENT. */
  async #checkStored(id: JobId): Promise<void> {
    const key = formatJobId(id, "kvs");
    this.#lookups++;
    try {
      await this.#context.flux.call(kvs.lookup, {
        key,
        flags: KvsFlag.Readdir,
        namespace: primaryNamespace,
      });
    } catch (error) {
      throw error instanceof FluxError ? new FluxError(error.errnum) : error;
    } finally {
      this.#lookups--;
    }
  }

  #answer({ request, attrs }: Asker, job: JobRecord): void {
    try {
      // As if there were no such job: that it exists is private, too.
      const isHidden = this.#isRestricted(request) && request.userid !== job.userid;
      if (isHidden) throw new FluxError("ENOENT");
      request.respond({ job: listingOf(job, selectAttributes(attrs)) });
    } catch (error) {
      request.fail(error);
    }
  }

  async #serveStats(request: Request<StatsResponse>): Promise<StatsResponse | typeof later> {
    await this.#ready;
    if (this.#isRestricted(request)) throw new FluxError("EPERM");
    if (!request.isStreaming) return this.#jobs.stats.toJson();
    this.#watchers.add(request);
    request.respond(this.#jobs.stats.toJson());
    return later;
  }

  #onStatsChange(): void {
    if (this.#watchers.size === 0) return;
    this.#statsTimer ??= setTimeout(() => {
      this.#statsTimer = undefined;
      this.#watchers.respondAll(this.#jobs.stats.toJson());
    }, statsDelayMs);
  }
}

/** ENOENT for what cannot be a job id. */
function knownId(id: bigint): JobId {
  if (id < 0n || id >= 1n << 64n) throw new FluxError("ENOENT");
  return toJobId(id);
}

export default defineModule({
  name: "job-list",
  host: "inline",
  async start(context) {
    const instance = new JobList(context);
    await instance.start();
    return instance;
  },
});
