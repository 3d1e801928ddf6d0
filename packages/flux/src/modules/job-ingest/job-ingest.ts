import type { Request } from "@flux-ts/client/request";
import { later } from "@flux-ts/client/request";
import { fluidTimestamp, type JobId } from "@flux-ts/protocol/job/fluid";
import { FluidGenerator } from "@flux-ts/protocol/job/fluid-generator";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { jobIngest } from "@flux-ts/protocol/services/job-ingest";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { defineModule, type ModuleContext, type ModuleInstance } from "../../plugins/module.ts";
import { WallClock } from "../../plugins/wall-clock.ts";
import { Batcher } from "./batcher/batcher.ts";
import { withoutEnvironment } from "./ingest-batch.ts";
import { Pipeline } from "./pipeline/pipeline.ts";
import { type Settings, settingsOf } from "./settings.ts";
import { checkSubmission, type Submission } from "./submission.ts";

const nowMs = (): number => performance.now();

/** Takes jobs in: checks them, gives them ids, and hands them over to the job manager. */
class JobIngest implements ModuleInstance {
  readonly #context: ModuleContext;
  readonly #batcher: Batcher;
  readonly #owner: number;
  readonly #clock = new WallClock();
  #generator: FluidGenerator | undefined;
  #settings: Settings;
  #pipeline: Pipeline;
  #hostlist: string | undefined;
  #isStopping = false;

  constructor(context: ModuleContext, settings: Settings, hostlist: string | undefined) {
    this.#context = context;
    this.#settings = settings;
    this.#hostlist = hostlist;
    this.#owner = Number(context.attr("security.owner") ?? 0);
    this.#batcher = new Batcher(context.flux, (text) => context.log(3, text));
    this.#batcher.batchCount = settings.batchCount;
    this.#pipeline = this.#newPipeline(context.config);
  }

  #newPipeline(config: JsonObject, previous?: Pipeline): Pipeline {
    const { flux, rank } = this.#context;
    const { validator } = this.#settings;
    const state = validator.isEnabled ? "enabled" : "disabled";
    const log = (severity: 3 | 7, text: string): void => this.#context.log(severity, text);
    log(
      7,
      `configuring validator with plugins=${validator.plugins}, args=${validator.args} (${state})`,
    );
    const settings = this.#settings;
    return new Pipeline({ flux, rank, config, settings, hostlist: this.#hostlist, log }, previous);
  }

  async start(): Promise<void> {
    const { flux, rank } = this.#context;
    const timestampMs = await this.#startTimestamp();
    this.#generator = new FluidGenerator({ generator: rank, timestampMs }, nowMs());
    this.#context.log(7, `fluid ts=${timestampMs}ms`);
    flux.serveAll(jobIngest, {
      submit: (args, request) => this.#submit(args, request),
      getinfo: () => ({ timestamp: this.#requireGenerator().timestampMs(nowMs()) }),
      statsGet: () => ({ pipeline: this.#pipeline.stats() }),
    });
  }

  /** Ids must be larger than all that were ever given: rank 0 asks who knows, the others ask rank 0. */
  async #startTimestamp(): Promise<number> {
    const { flux, rank } = this.#context;
    if (rank !== 0) return (await flux.call(jobIngest.getinfo, undefined, { nodeid: 0 })).timestamp;
    const { max_jobid } = await flux.call(jobManager.getinfo, undefined, { nodeid: 0 });
    return fluidTimestamp(max_jobid) + 1;
  }

  #requireGenerator(): FluidGenerator {
    if (this.#generator) return this.#generator;
    throw new FluxError("EAGAIN", "job-ingest is starting");
  }

  #submit(
    args: { J: string; urgency: number; flags: number },
    request: Request<{ id: JobId }>,
  ): typeof later {
    if (this.#isStopping) throw new FluxError("ENOSYS");
    const rules = { owner: this.#owner, allowRoot: this.#settings.allowRoot };
    const submission = checkSubmission(args, request, rules);
    const jobspec = this.#pipeline.process(submission);
    if (jobspec instanceof Promise) {
      jobspec.then(
        (processed) => this.#ingest(submission, processed, request),
        (error: unknown) => request.fail(error),
      );
    } else {
      this.#ingest(submission, jobspec, request);
    }
    return later;
  }

  #ingest(submission: Submission, jobspec: JsonObject, request: Request<{ id: JobId }>): void {
    try {
      const id = this.#requireGenerator().generate(nowMs());
      const tSubmit = this.#clock.now();
      const job = { id, submission, jobspec: withoutEnvironment(jobspec), tSubmit };
      this.#batcher.add(job, request);
    } catch (error) {
      request.fail(error);
    }
  }

  configReload(config: JsonObject): void {
    const settings = settingsOf(config, this.#context.args);
    this.#settings = settings;
    this.#batcher.batchCount = settings.batchCount;
    this.#pipeline = this.#newPipeline(config, this.#pipeline);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#batcher.drain();
    this.#pipeline.stop();
  }
}

export default defineModule({
  name: "job-ingest",
  host: "inline",
  async start(context) {
    const settings = settingsOf(context.config, context.args);
    if (context.rank > settings.maxGenerator) {
      // Requests find the service upstream then.
      context.log(
        7,
        `job-ingest cannot allocate job IDs on ranks > ${settings.maxGenerator}.` +
          " Exiting - upstream will handle ingest requests.",
      );
      context.fail(undefined);
      return {};
    }
    const hostlist = await context.flux.attr("hostlist").catch(() => undefined);
    const ingest = new JobIngest(context, settings, hostlist);
    await ingest.start();
    return ingest;
  },
});
