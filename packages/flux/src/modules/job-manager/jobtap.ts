import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import type { Credential } from "@flux-ts/protocol/message/credential";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import { updateAnnotations } from "./annotate.ts";
import type { Job } from "./job.ts";
import type { JobtapArgs, JobtapCallback, JobtapPlugin, JobtapResult } from "./jobtap-plugin.ts";
import { mergeObjects, withoutMember } from "./json-path.ts";
import type { Manager } from "./manager.ts";
import { prioritize } from "./prioritize.ts";
import { raise } from "./raise.ts";

const noArgs: JobtapArgs = {};

/** The stack of plugins: calls each that has a callback for a topic, in the order they were loaded. */
export class Jobtap {
  readonly #manager: Manager;
  readonly #plugins: JobtapPlugin[] = [];
  /** Callbacks by topic, collected at first use. */
  readonly #callbacks = new Map<string, readonly JobtapCallback[]>();
  /** Plugins that want the events of a job. */
  readonly #subscribers = new Map<Job, Set<JobtapPlugin>>();

  constructor(manager: Manager) {
    this.#manager = manager;
  }

  get plugins(): readonly JobtapPlugin[] {
    return this.#plugins;
  }

  add(plugin: JobtapPlugin): void {
    this.#plugins.push(plugin);
    this.#callbacks.clear();
  }

  delete(plugin: JobtapPlugin): void {
    this.#plugins.splice(this.#plugins.indexOf(plugin), 1);
    this.#callbacks.clear();
    for (const [job, plugins] of this.#subscribers) {
      if (plugins.delete(plugin) && plugins.size === 0) this.#subscribers.delete(job);
    }
  }

  /** Tell all plugins of a configuration. Throws EINVAL if one refuses it. */
  configure(config: JsonObject): void {
    for (const plugin of this.#plugins) plugin.configure?.(config);
  }

  // --- callbacks that can refuse ---

  /** job.create. Throws with the reason a plugin refuses the job. */
  create(job: Job): void {
    this.#run("job.create", job, noArgs);
  }

  /** job.validate of a new job, or of one with updates applied. Throws with the reason. */
  validate(job: Job, jobspec: JsonObject): void {
    this.#run("job.validate", job, { jobspec });
  }

  /**
   * job.dependency.SCHEME for each dependency that the jobspec asks for (RFC 26). Throws with the reason of
   * a refusal; after a restart (`isReplay`) that only becomes an exception, since the job was accepted.
   */
  checkDependencies(job: Job, { isReplay = false } = {}): void {
    for (const [index, dependency] of dependenciesOf(job).entries()) {
      try {
        this.#checkDependency(job, dependency, index);
      } catch (error) {
        if (!isReplay || !(error instanceof FluxError)) throw error;
        const note = `${error.message} (job may be stuck in DEPEND state)`;
        const userid = this.#manager.owner;
        raise(this.#manager, job, { type: "dependency", severity: 4, note, userid });
      }
    }
  }

  #checkDependency(job: Job, dependency: Json, index: number): void {
    const scheme = isJsonObject(dependency) ? dependency.scheme : undefined;
    if (!isJsonObject(dependency) || typeof scheme !== "string") {
      throw new FluxError("EINVAL", `dependency[${index}] missing string scheme`);
    }
    const topic = `job.dependency.${scheme}`;
    if (this.#callbacksOf(topic).length === 0) {
      throw new FluxError("EINVAL", `dependency scheme "${scheme}" not supported`);
    }
    this.#run(topic, job, { dependency });
  }

  /** job.update.KEY. Throws EINVAL if no plugin allows to update this key, or one refuses. */
  update(job: Job, key: string, value: Json, cred: Credential): JobtapResult {
    const topic = `job.update.${key}`;
    if (this.#callbacksOf(topic).length === 0) {
      throw new FluxError("EINVAL", `update of ${key} not supported`);
    }
    return this.#run(topic, job, { key, value, cred }) ?? {};
  }

  /** The priority of a job according to job.priority.get, or undefined if no plugin tells. */
  priorityOf(job: Job): number | undefined {
    return this.#tryRun("job.priority.get", job, noArgs)?.priority;
  }

  // --- callbacks that only take part ---

  /** Call the plugins; what they return (priority, annotations, R) is done. Refusals are logged. */
  call(topic: string, job: Job, args: JobtapArgs = noArgs): void {
    const result = this.#tryRun(topic, job, args);
    if (result) this.#follow(topic, job, result);
    if (topic === "job.destroy") this.#subscribers.delete(job);
  }

  #follow(topic: string, job: Job, { R, annotations, priority }: JobtapResult): void {
    if (R) {
      if (topic !== "job.state.sched" || job.R) {
        this.#manager.log(3, `jobtap: ${topic}: ${job.id}: R may only be set in SCHED state, once`);
      } else {
        job.R = withoutMember(R, "scheduling");
      }
    }
    if (annotations) {
      // Journal listeners do not know a new job yet.
      if (topic === "job.new") job.annotations = mergeObjects(job.annotations, annotations);
      else updateAnnotations(this.#manager, job, annotations);
    }
    if (priority !== undefined && priority >= 0) prioritize(this.#manager, job, priority);
  }

  /** job.event.NAME for the plugins that subscribed to the events of this job. */
  onEvent(job: Job, entry: EventlogEntry): void {
    const subscribers = this.#subscribers.get(job);
    if (!subscribers) return;
    for (const plugin of [...subscribers]) {
      try {
        plugin.callbacks.get(`job.event.${entry.name}`)?.(job, { entry });
      } catch (error) {
        this.#report(`job.event.${entry.name}`, error);
      }
    }
  }

  subscribe(plugin: JobtapPlugin, job: Job): void {
    const subscribers = this.#subscribers.get(job) ?? new Set();
    this.#subscribers.set(job, subscribers.add(plugin));
  }

  unsubscribe(plugin: JobtapPlugin, job: Job): void {
    const subscribers = this.#subscribers.get(job);
    if (subscribers?.delete(plugin) && subscribers.size === 0) this.#subscribers.delete(job);
  }

  #callbacksOf(topic: string): readonly JobtapCallback[] {
    let callbacks = this.#callbacks.get(topic);
    if (!callbacks) {
      callbacks = this.#plugins.flatMap((plugin) => plugin.callbacks.get(topic) ?? []);
      this.#callbacks.set(topic, callbacks);
    }
    return callbacks;
  }

  #run(topic: string, job: Job, args: JobtapArgs): JobtapResult | undefined {
    let result: JobtapResult | undefined;
    for (const callback of this.#callbacksOf(topic)) {
      const given = this.#invoke(callback, topic, job, args);
      if (given) result = result ? { ...result, ...given } : given;
    }
    return result;
  }

  /** A defect of a plugin refuses what it was asked about, and goes no further. */
  #invoke(callback: JobtapCallback, topic: string, job: Job, args: JobtapArgs) {
    try {
      return callback(job, args);
    } catch (error) {
      if (error instanceof FluxError) throw error;
      this.#report(topic, error);
      throw new FluxError("EINVAL", "rejected by job-manager plugin");
    }
  }

  #tryRun(topic: string, job: Job, args: JobtapArgs): JobtapResult | undefined {
    try {
      return this.#run(topic, job, args);
    } catch (error) {
      this.#report(topic, error);
      return undefined;
    }
  }

  #report(topic: string, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.#manager.log(3, `jobtap: ${topic}: callback returned error: ${text}`);
  }
}

function dependenciesOf(job: Job): readonly Json[] {
  const { attributes } = job.jobspec;
  const system = isJsonObject(attributes) ? attributes.system : undefined;
  const dependencies = isJsonObject(system) ? system.dependencies : undefined;
  if (dependencies === undefined) return [];
  if (Array.isArray(dependencies)) return dependencies;
  throw new FluxError("EINVAL", "dependencies object must be an array");
}
