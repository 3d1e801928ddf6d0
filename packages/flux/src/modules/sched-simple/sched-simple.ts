import { Kvs } from "@flux-ts/client/kvs";
import { KvsTxn } from "@flux-ts/client/kvs-txn";
import { type Later, later, type Request } from "@flux-ts/client/request";
import { f58, formatJobId, type JobId } from "@flux-ts/protocol/job/fluid";
import type { Message } from "@flux-ts/protocol/message/message";
import { parseR, type R, rSchema } from "@flux-ts/protocol/resource/resource-set-json";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { ResponseOf } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { feasibility } from "@flux-ts/protocol/services/feasibility";
import { primaryNamespace } from "@flux-ts/protocol/services/kvs";
import { resource } from "@flux-ts/protocol/services/resource";
import { AllocType, sched } from "@flux-ts/protocol/services/sched";
import { Idset } from "@flux-ts/protocol/text/idset";
import { defineModule, type ModuleContext, type Severity } from "../../plugins/module.ts";
import { type AllocAnswer, FifoScheduler } from "../../scheduler/fifo.ts";
import { nodesNamedBy } from "../../scheduler/held-by-r.ts";
import { ResourcePool } from "../../scheduler/pool.ts";
import { poolStatus } from "../../scheduler/pool-status.ts";
import { topologyOf } from "../../scheduler/read-r.ts";
import { parseRequest } from "../../scheduler/request.ts";
import { greet } from "./greet/greet.ts";
import { parseOptions, type SchedOptions } from "./options.ts";
import { SchedStats } from "./sched-stats.ts";

/** Requests answered in one pass, lest a long queue holds up everything else in the broker. */
const maxAnswers = 256;
/** Estimates are made at most this often, and never cost more than a twentieth of the time. */
const forecastPeriodMs = 100;
const forecastShare = 20;
/** Test aids of flux-core, set by `flux module debug`. */
const Debug = { failAlloc: 1, annotateReason: 2, denyExpiration: 4 } as const;

const seconds = (): number => Date.now() / 1000;
const rText = (R: JsonObject): string => rSchema.print?.(R as R) ?? "";

type AcquireResponse = ResponseOf<typeof resource.acquire>;

/** The scheduler module: RFC 27 and RFC 28 around a FifoScheduler. */
class SchedSimple {
  readonly #context: ModuleContext;
  readonly #options: SchedOptions;
  readonly #kvs: Kvs;
  readonly #stats = new SchedStats();
  /** `sched.alloc` requests by job: they are answered by job id, several times. */
  readonly #requests = new Map<JobId, Message>();
  readonly #started: Promise<FifoScheduler>;
  #sched: FifoScheduler | undefined;
  #passPending = false;
  #forecastTimer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(context: ModuleContext, options: SchedOptions) {
    this.#context = context;
    this.#options = options;
    this.#kvs = new Kvs(context.flux, primaryNamespace);
    this.#started = this.#start();
    this.#started.catch((error: unknown) => {
      if (!this.#stopped) context.fail(error);
    });
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#forecastTimer);
  }

  stats(): JsonObject {
    return this.#stats.toJson(this.#sched?.pending ?? 0);
  }

  clearStats(): void {
    this.#stats.clear();
  }

  onAlloc(args: { id: JobId; priority: number; jobspec: JsonObject }, message: Message): void {
    const { id, priority, jobspec } = args;
    this.#requests.set(id, message);
    this.#answer(this.#sched?.onAlloc(id, priority, jobspec) ?? []);
    this.#requestPass();
  }

  onFree(id: JobId, R: JsonObject, final: boolean): void {
    const { pool } = this.#sched ?? {};
    if (!pool) return;
    try {
      pool.free(id, nodesNamedBy(pool.topology, R), final);
      if (this.#options.logLevel >= 7) {
        this.#log(7, `free: ${parseR(R).dumps()}${final ? " (final)" : ""}`);
      }
    } catch (error) {
      // The job manager's account differs from ours: at the end of the job, the job holds nothing.
      this.#log(3, `free: ${f58(id)}: ${error instanceof Error ? error.message : error}`);
      if (final) pool.free(id);
    }
    this.#changed();
  }

  onCancel(id: JobId): void {
    this.#answer(this.#sched?.onCancel(id) ?? []);
    this.#requestPass();
  }

  onPrioritize(jobs: readonly (readonly unknown[])[]): void {
    for (const [id, priority] of jobs) {
      if (typeof priority !== "number") continue;
      if (typeof id !== "number" && typeof id !== "bigint") continue;
      this.#sched?.onPrioritize(BigInt(id) as JobId, priority);
    }
    this.#requestPass();
  }

  onExpiration(id: JobId, expiration: number): void {
    if (this.#context.debugFlags & Debug.denyExpiration) {
      throw new FluxError("EINVAL", "Rejecting expiration update for testing");
    }
    if (expiration < 0) throw new FluxError("EINVAL", `invalid expiration ${expiration}`);
    this.#sched?.pool.updateEndTime(id, expiration);
    this.#requestPass();
  }

  async status(): Promise<ResponseOf<typeof sched.resourceStatus>> {
    const { pool, scheduling } = await this.#started;
    return poolStatus(pool, scheduling);
  }

  async checkFeasible(jobspec: JsonObject): Promise<void> {
    const { pool } = await this.#started;
    pool.checkFeasible(parseRequest(jobspec));
  }

  /** The start sequence of RFC 27: acquire, hello, ready. */
  async #start(): Promise<FifoScheduler> {
    const { flux } = this.#context;
    const first = await this.#acquire();
    if (!first.resources) throw new FluxError("EPROTO", "resource.acquire: resources are missing");
    const set = parseR(first.resources);
    const pool = new ResourcePool(topologyOf(set), set.expiration);
    const scheduler = new FifoScheduler(pool, set.scheduling);
    this.#sched = scheduler;
    this.#update(first);
    await greet(flux, pool, this.#options, (severity, text) => this.#log(severity, text));
    const { queueDepth } = this.#options;
    const depth = queueDepth === Infinity ? "unlimited" : queueDepth;
    this.#log(6, `ready: queue-depth=${depth} ${set.dumps()}`);
    return scheduler;
  }

  /** Resolves with the first response; the others are applied as they come. */
  #acquire(): Promise<AcquireResponse> {
    return new Promise((resolve, reject) => {
      this.#context.flux.follow(resource.acquire, {
        next: (response) => (this.#sched ? this.#update(response) : resolve(response)),
        end: (cause) => {
          const text = `resource.acquire failed: ${cause?.message ?? "the stream ended"}`;
          const error = new FluxError(cause?.errnum ?? "ENODATA", text, { cause });
          reject(error);
          if (!this.#sched || this.#stopped) return;
          // The resource module is being reloaded: there is nothing to schedule without it.
          this.#log(3, text);
          this.#context.leave();
        },
      });
    });
  }

  /** RFC 28: what is available changed. */
  #update({ up, down, shrink, expiration }: AcquireResponse): void {
    const { pool } = this.#sched ?? {};
    if (!pool) return;
    if (up !== undefined) pool.markUp(Idset.parse(up));
    if (down !== undefined) pool.markDown(Idset.parse(down));
    if (expiration !== undefined && expiration >= 0) {
      pool.expiration = expiration;
      this.#log(6, `resource expiration updated to ${expiration.toFixed(2)}`);
    }
    if (shrink !== undefined) pool.remove(Idset.parse(shrink));
    this.#changed();
  }

  #changed(): void {
    this.#sched?.onChange();
    this.#requestPass();
  }

  /** One pass for all that happens in one turn of the event loop. */
  #requestPass(): void {
    if (!this.#sched?.pending) return;
    this.#stats.onRequest(performance.now() / 1000);
    if (this.#passPending) return;
    this.#passPending = true;
    setImmediate(() => this.#pass());
  }

  #pass(): void {
    this.#passPending = false;
    if (this.#stopped || !this.#sched) return;
    const start = performance.now();
    if (this.#context.debugFlags & Debug.failAlloc) {
      this.#answer(this.#sched.denyAll("DEBUG_FAIL_ALLOC"));
    } else {
      const { answers, more } = this.#sched.schedule(seconds(), maxAnswers);
      this.#answer(answers);
      if (more) this.#requestPass();
    }
    this.#stats.onPass((performance.now() - start) / 1000);
    if (this.#sched.pending) this.#requestForecast(forecastPeriodMs);
  }

  #requestForecast(delayMs: number): void {
    this.#forecastTimer ??= setTimeout(() => this.#forecast(), delayMs);
  }

  #forecast(): void {
    this.#forecastTimer = undefined;
    if (!this.#sched?.pending) return;
    const start = performance.now();
    const explain = (this.#context.debugFlags & Debug.annotateReason) !== 0;
    this.#answer(explain ? this.#sched.explain() : this.#sched.forecast(seconds()));
    this.#stats.onForecast();
    // Hold the next one back for as long as this one was expensive.
    const cost = performance.now() - start;
    if (cost * forecastShare > forecastPeriodMs) this.#requestForecast(cost * forecastShare);
  }

  #answer(answers: readonly AllocAnswer[]): void {
    const granted: Extract<AllocAnswer, { do: "success" }>[] = [];
    for (const answer of answers) {
      const { id } = answer;
      switch (answer.do) {
        case "success":
          granted.push(answer);
          break;
        case "annotate":
          this.#respond({ id, type: AllocType.Annotate, annotations: answer.annotations });
          break;
        case "deny":
          this.#respond({ id, type: AllocType.Deny, note: answer.note });
          break;
        case "cancel":
          this.#respond({ id, type: AllocType.Cancel });
          break;
      }
    }
    if (granted.length > 0) this.#commit(granted);
  }

  /** RFC 27: R is in the KVS before the job manager hears of it. One commit for all of a pass. */
  #commit(granted: readonly Extract<AllocAnswer, { do: "success" }>[]): void {
    const txn = new KvsTxn();
    for (const { id, R } of granted) txn.put(`${formatJobId(id, "kvs")}.R`, rText(R));
    this.#kvs.commit(txn).then(
      () => {
        for (const { id, R, annotations } of granted) {
          this.#respond({ id, type: AllocType.Success, R, annotations });
        }
      },
      (error: unknown) => {
        if (!this.#stopped) this.#context.fail(error);
      },
    );
  }

  /** All but an annotation is the last answer. */
  #respond(response: ResponseOf<typeof sched.alloc>): void {
    const request = this.#requests.get(response.id);
    if (response.type !== AllocType.Annotate) this.#requests.delete(response.id);
    const payload = sched.alloc.response.encode(response);
    if (request) this.#context.flux.sendMessage(request.response(0, payload));
  }

  #log(severity: Severity, text: string): void {
    if (severity <= this.#options.logLevel) this.#context.log(severity, text);
  }
}

/** A handler of a request that is not answered, or not there and then (RFC 27). */
function unanswered<Req, Res>(handle: (args: Req, request: Request<Res>) => void) {
  return (args: Req, request: Request<Res>): Later => {
    handle(args, request);
    return later;
  };
}

export default defineModule({
  name: "sched-simple",
  // A pass takes microseconds, and so costs less here than the way to a thread and back.
  host: "inline",
  async start(context) {
    const { flux } = context;
    const options = parseOptions(context.args);
    for (const service of ["sched", "feasibility"]) await flux.addService(service);
    const module = new SchedSimple(context, options);
    flux.serveAll(sched, {
      alloc: unanswered((args, { message }) => module.onAlloc(args, message)),
      free: unanswered(({ id, R, final = false }) => module.onFree(id, R, final)),
      cancel: unanswered(({ id }) => module.onCancel(id)),
      prioritize: unanswered(({ jobs }) => module.onPrioritize(jobs)),
      expiration: ({ id, expiration }) => module.onExpiration(id, expiration),
      resourceStatus: () => module.status(),
    });
    flux.serve(feasibility.check, ({ jobspec }) => module.checkFeasible(jobspec));
    return {
      stop: () => module.stop(),
      stats: () => module.stats(),
      statsClear: () => module.clearStats(),
    };
  },
});
