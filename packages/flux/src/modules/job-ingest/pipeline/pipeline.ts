import type { Flux } from "@flux-ts/client/handle";
import type { Jobspec } from "@flux-ts/protocol/job/jobspec";
import { type ValidateOptions, validateJobspec } from "@flux-ts/protocol/job/validate-jobspec";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { feasibility } from "@flux-ts/protocol/services/feasibility";
import { JobFlag } from "@flux-ts/protocol/services/job-ingest";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { frobnicators } from "../frobnicate.ts";
import { type PluginOptions, pluginOptions } from "../plugin-options.ts";
import { instanceSize, requireInstance } from "../require-instance.ts";
import type { Settings, StageSettings } from "../settings.ts";
import { StageStats } from "../stage-stats.ts";
import type { Submission } from "../submission.ts";
import { Workers } from "../workers/workers.ts";

interface PipelineOptions {
  readonly flux: Flux;
  readonly rank: number;
  readonly config: JsonObject;
  readonly settings: Settings;
  /** Hosts of the instance, if known: constraints that name others are refused. */
  readonly hostlist: string | undefined;
  readonly log: (severity: 3 | 7, text: string) => void;
}

const validators = ["jobspec", "feasibility", "require-instance"];

/** Runs jobspecs through frobnicators, then validators. */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #pluginOptions: PluginOptions;
  readonly #validate: ValidateOptions;
  readonly #frobnicatorWorkers: Workers | undefined;
  readonly #validatorWorkers: Workers | undefined;
  readonly #frobnicatorStats: StageStats;
  readonly #validatorStats: StageStats;

  /** `previous`: whose counts go on. EINVAL for arguments that no plugin knows. */
  constructor(options: PipelineOptions, previous?: Pipeline) {
    const { frobnicator, validator } = options.settings;
    this.#options = options;
    this.#pluginOptions = pluginOptions(validator.args);
    const { requireVersion } = this.#pluginOptions;
    const hosts = options.hostlist === undefined ? undefined : hostSet(options.hostlist);
    this.#validate = { requireVersion, ...(hosts && { isHost: (host) => hosts.has(host) }) };
    const others = (stage: StageSettings, known: Iterable<string>): string[] => {
      const builtIn = new Set(known);
      return stage.isEnabled ? stage.plugins.filter((name) => !builtIn.has(name)) : [];
    };
    const external = others(validator, validators);
    this.#validatorWorkers = this.#workers("job-validator", external, validator);
    const externalFrobs = others(frobnicator, frobnicators.keys());
    this.#frobnicatorWorkers = this.#workers("job-frobnicator", externalFrobs, frobnicator);
    this.#frobnicatorStats = previous ? previous.#frobnicatorStats : new StageStats();
    this.#validatorStats = previous ? previous.#validatorStats : new StageStats();
    previous?.stop();
  }

  #workers(command: string, plugins: string[], { args }: StageSettings): Workers | undefined {
    if (plugins.length === 0) return undefined;
    const { flux, rank, log, settings } = this.#options;
    const cmdline = ["flux", command, "--plugins", plugins.join(","), ...args];
    return new Workers({ flux, rank, cmdline, bufferSize: settings.bufferSize, log });
  }

  /**
   * The jobspec as it is to be run. Throws, or rejects, with why the job is refused; a promise only if
   * something outside this process has to be asked.
   */
  process(submission: Submission): JsonObject | Promise<JsonObject> {
    const frobnicated = this.#frobnicate(submission);
    return frobnicated instanceof Promise
      ? frobnicated.then((jobspec) => this.#validated(submission, jobspec))
      : this.#validated(submission, frobnicated);
  }

  #frobnicate(submission: Submission): JsonObject | Promise<JsonObject> {
    const { config, settings } = this.#options;
    let { jobspec } = submission;
    if (!settings.frobnicator.isEnabled) return jobspec;
    const stats = this.#frobnicatorStats;
    stats.requests++;
    return stats.counted(() => {
      for (const name of settings.frobnicator.plugins) {
        jobspec = frobnicators.get(name)?.(jobspec, config) ?? jobspec;
      }
      const asked = this.#frobnicatorWorkers?.process(jobOf(submission, jobspec));
      return asked ? asked.then((data) => data ?? jobspec) : jobspec;
    });
  }

  #validated(submission: Submission, jobspec: JsonObject): JsonObject | Promise<JsonObject> {
    const { validator } = this.#options.settings;
    if (!validator.isEnabled || submission.flags & JobFlag.NoValidate) return jobspec;
    const stats = this.#validatorStats;
    stats.requests++;
    return stats.counted(() => {
      const asked: Promise<unknown>[] = [];
      const job = jobOf(submission, jobspec);
      for (const name of validator.plugins) {
        if (name === "jobspec") this.#checkJobspec(jobspec);
        else if (name === "require-instance") this.#checkInstance(jobspec);
        else if (name === "feasibility") asked.push(this.#checkFeasible(job));
      }
      if (this.#validatorWorkers) asked.push(this.#validatorWorkers.process(job));
      return asked.length > 0 ? Promise.all(asked).then(() => jobspec) : jobspec;
    });
  }

  #checkJobspec(jobspec: JsonObject): void {
    try {
      validateJobspec(jobspec, this.#validate);
    } catch (error) {
      // flux-core's validator reports all of these as errno 1, and clients show that number.
      if (error instanceof FluxError) throw new FluxError("EPERM", error.message);
      throw error;
    }
  }

  #checkInstance(jobspec: JsonObject): void {
    const size = instanceSize(this.#options.config, this.#pluginOptions.instanceSize);
    requireInstance(jobspec as Jobspec, size);
  }

  /** Without a scheduler that can tell, everything is feasible. */
  async #checkFeasible(job: JsonObject & { jobspec: JsonObject }): Promise<void> {
    try {
      await this.#options.flux.call(feasibility.check, job);
    } catch (error) {
      if (!isErrno(error, "ENOSYS")) throw error;
    }
  }

  stats(): JsonObject {
    const none = { running: 0, backlog: 0, trash: 0, pids: [] };
    return {
      frobnicator: this.#frobnicatorStats.toJson(this.#frobnicatorWorkers?.stats ?? none),
      validator: this.#validatorStats.toJson(this.#validatorWorkers?.stats ?? none),
    };
  }

  stop(): void {
    this.#frobnicatorWorkers?.stop();
    this.#validatorWorkers?.stop();
  }
}

/** What plugins outside this process are told of a job. */
function jobOf(submission: Submission, jobspec: JsonObject): JsonObject & { jobspec: JsonObject } {
  const { userid, rolemask, urgency, flags } = submission;
  return { jobspec, userid, rolemask, urgency, flags };
}

function hostSet(hostlist: string): Set<string> | undefined {
  try {
    return new Set(Hostlist.parse(hostlist));
  } catch {
    return undefined;
  }
}
