import type { Flux } from "@flux-ts/client/handle";
import type { Request } from "@flux-ts/client/request";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json } from "@flux-ts/protocol/schema/json";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { kvs, primaryNamespace } from "@flux-ts/protocol/services/kvs";
import { announcement, type IngestedJob, kvsOperations, removal } from "../ingest-batch.ts";

interface Pending {
  readonly job: IngestedJob;
  readonly request: Request<{ id: JobId }>;
}

/** Batches under way: one can be validated and written while the one before becomes durable. */
const maxInFlight = 2;
/** Most jobs of a batch. */
const maxBatch = 1024;
/** Jobs that may wait for a batch; more are refused. */
const maxWaiting = 100_000;

/**
 * Hands jobs over in batches: one KVS commit, one request to the job manager, then the answers. A lone job
 * goes at once; under load a batch is what came in while the ones before were under way.
 */
export class Batcher {
  readonly #flux: Flux;
  readonly #log: (text: string) => void;
  /** Jobs per batch; 0: as they come. */
  batchCount = 0;
  #waiting: Pending[] = [];
  #inFlight = 0;
  #isScheduled = false;
  #idle: (() => void)[] = [];

  constructor(flux: Flux, log: (text: string) => void) {
    this.#flux = flux;
    this.#log = log;
  }

  /** EAGAIN if too many wait already. */
  add(job: IngestedJob, request: Request<{ id: JobId }>): void {
    if (this.#waiting.length >= maxWaiting) {
      throw new FluxError("EAGAIN", "too many jobs wait to be ingested: try again later");
    }
    this.#waiting.push({ job, request });
    this.#schedule();
  }

  /** Resolves when all jobs that were added are answered. */
  async drain(): Promise<void> {
    this.batchCount = 0;
    this.#schedule();
    if (this.#waiting.length === 0 && this.#inFlight === 0) return;
    await new Promise<void>((resolve) => void this.#idle.push(resolve));
  }

  #schedule(): void {
    if (this.#isScheduled || this.#inFlight >= maxInFlight) return;
    if (this.#waiting.length < Math.max(this.batchCount, 1)) return;
    this.#isScheduled = true;
    // The rest of this turn's submissions go along.
    setImmediate(() => {
      this.#isScheduled = false;
      const size = this.batchCount || maxBatch;
      void this.#process(this.#waiting.splice(0, size));
      this.#schedule();
    });
  }

  async #process(batch: Pending[]): Promise<void> {
    this.#inFlight++;
    try {
      await this.#commit(batch.flatMap(({ job }) => kvsOperations(job)));
      await this.#announce(batch);
    } catch (error) {
      for (const { request } of batch) request.fail(error);
    }
    this.#inFlight--;
    this.#schedule();
    if (this.#waiting.length > 0 || this.#inFlight > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  async #announce(batch: Pending[]): Promise<void> {
    const jobs = batch.map(({ job }) => announcement(job));
    const refused = new Map<JobId, string>();
    try {
      const { errors } = await this.#flux.call(jobManager.submit, { jobs });
      for (const [id, text] of errors.map(errorPair)) refused.set(id, text);
    } catch (error) {
      this.#remove(batch.map(({ job }) => job.id));
      throw error;
    }
    for (const { job, request } of batch) {
      const text = refused.get(job.id);
      if (text === undefined) request.respond({ id: job.id });
      else request.fail(new FluxError("EINVAL", text));
    }
    this.#remove([...refused.keys()]);
  }

  /** Nobody waits for this: what the job manager does not know is not looked for. */
  #remove(ids: JobId[]): void {
    if (ids.length === 0) return;
    this.#commit(ids.map(removal)).catch((error: unknown) => {
      this.#log(`KVS cleanup of refused jobs failed: ${(error as Error).message}`);
    });
  }

  async #commit(ops: Json[]): Promise<void> {
    // Not synchronous: the job manager's commit that follows is, and contains this one.
    await this.#flux.call(kvs.commit, { namespace: primaryNamespace, flags: 0, ops });
  }
}

function errorPair(pair: Json): [JobId, string] {
  const [id, text] = Array.isArray(pair) ? pair : [];
  return [BigInt((id ?? 0) as number) as JobId, String(text)];
}
