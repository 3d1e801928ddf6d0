import { withResolvers } from "@flux-ts/client/rpc-stream";
import { f58 } from "@flux-ts/protocol/job/fluid";
import { errnoText } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";
import { jobExec } from "@flux-ts/protocol/services/job-exec";
import { jobInfo } from "@flux-ts/protocol/services/job-info";
import { GuestLog } from "./guest-log.ts";
import { JobEnvironment } from "./job-environment.ts";
import { LogLevel, logLine } from "./log-level.ts";
import type { ShellPlugin } from "./plugin.ts";
import { PluginStack } from "./plugin-stack.ts";
import { type ShellJob, ShellOptions } from "./shell-job.ts";
import { ShellService } from "./shell-service.ts";
import type { Site } from "./site.ts";
import { Task } from "./task.ts";
import { type ShellNode, type TaskLayout, taskLayoutOf } from "./task-layout.ts";
import { remap } from "./taskmap-schemes.ts";
import { renderTemplate } from "./template-tags.ts";
import { workingDirectory } from "./working-directory.ts";

const sigkill = 9;

/** How a shell ended: with an exit code, or by a signal. */
export type ShellEnd = { readonly exitCode: number } | { readonly signum: number };

/** Ends the shell when thrown by a plugin: the text is logged and becomes the job's exception. */
export class ShellFailure extends Error {
  readonly exitCode: number;
  /** The job has an exception already, or needs none. */
  readonly silent: boolean;

  constructor(exitCode: number, text: string, options: { silent?: boolean } = {}) {
    super(text);
    this.exitCode = exitCode;
    this.silent = options.silent ?? false;
  }
}

/**
 * The shell of one job on one node (wire-jobs §7.5): starts the tasks, serves them, and reports how
 * they end. Everything that not every job needs is in plugins.
 */
export class Shell {
  readonly site: Site;
  readonly job: ShellJob;
  readonly options: ShellOptions;
  readonly env: JobEnvironment;
  /** The job's event logs. */
  readonly guest: GuestLog;
  readonly service: ShellService;
  readonly plugins = new PluginStack();
  layout: TaskLayout;
  /** The job's resources, with updates such as of their expiration. */
  R: JsonObject;
  /** Shell rank. */
  readonly rank: number;
  tasks: readonly Task[] = [];
  cwd = "/";
  /** How much more than notices to log. */
  readonly verbose: number;
  readonly #stderr: (line: string) => void;
  readonly #eventHandlers = new Map<string, (payload: JsonObject) => void>();
  readonly #eventContexts = new Map<string, JsonObject>();
  readonly #holds = new Map<string, number>();
  readonly #pauses = new Set<string>();
  readonly #failed = rejection();
  readonly #starting = withResolvers<void>();
  #logging = false;
  #raised = false;
  #isStarted = false;
  #early: Task[] = [];
  #signals: number[] = [];
  #tasksLeft = 0;
  #onIdle: (() => void) | undefined;
  #exitCode = 0;
  #onEnd: () => void = () => {};

  /**
   * `stderr` takes lines for which there is no log yet, or no more. Throws EPROTO or EINVAL if the job makes
   * no sense, or has nothing on this broker.
   */
  constructor(site: Site, job: ShellJob, stderr: (line: string) => void) {
    this.#stderr = stderr;
    this.site = site;
    this.job = job;
    this.options = new ShellOptions(job.jobspec);
    this.env = new JobEnvironment(job.environment);
    this.R = job.R;
    this.layout = taskLayoutOf(job.jobspec, job.R);
    this.rank = this.layout.nodes.findIndex(({ rank }) => rank === site.rank);
    if (this.rank < 0) {
      throw new FluxError("EINVAL", `job ${f58(job.id)} has no resources on rank ${site.rank}`);
    }
    this.verbose = Math.min(this.options.integer("verbose") ?? 0, 2);
    this.service = new ShellService(this);
    this.guest = new GuestLog(site.flux, {
      namespace: `job-${job.id}`,
      beforeFirstCommit: () => this.service.register(),
      onPressure: (high) => this.pauseOutput("log", high),
      onError: (error) => stderr(logLine(undefined, LogLevel.Error, error.message)),
    });
  }

  /** Number of shells. */
  get size(): number {
    return this.layout.nodes.length;
  }

  get isLeader(): boolean {
    return this.rank === 0;
  }

  /** This node's part of the job. */
  get node(): ShellNode {
    return this.layout.nodes[this.rank]!;
  }

  get ntasks(): number {
    return this.layout.taskmap.taskCount;
  }

  /**
   * Run the job's tasks here, from beginning to end. Plugins that have to be loaded come by function: what
   * goes wrong then ends the job. `onLoaded`: events are welcome now.
   */
  async run(
    plugins: readonly ShellPlugin[] | (() => Promise<ShellPlugin[]>),
    onLoaded = (): void => {},
  ): Promise<ShellEnd> {
    try {
      await Promise.race([this.#failed.promise, this.#run(plugins, onLoaded)]);
    } catch (error) {
      await this.#die(error);
      if (error instanceof Killed) return { signum: error.signum };
    } finally {
      this.#onEnd();
      await this.guest.flush(true);
      this.service.unregister();
    }
    return { exitCode: this.#exitCode };
  }

  async #run(
    plugins: readonly ShellPlugin[] | (() => Promise<ShellPlugin[]>),
    onLoaded: () => void,
  ): Promise<void> {
    this.plugins.load(this, typeof plugins === "function" ? await plugins() : plugins);
    onLoaded();
    this.cwd = workingDirectory(this);
    this.layout = remap(this);
    this.#setEnvironment();
    this.#createTasks();
    await this.plugins.call("shell.init");
    if (this.plugins.has("shell.resource-update")) this.#watchResources();
    this.#logLayout();
    await this.#barrier();
    const { service } = this;
    const init = { service: service.name, "leader-rank": this.layout.nodes[0]!.rank };
    this.#emit("shell.init", { ...init, size: this.size });
    await this.plugins.call("shell.post-init");
    await this.#startTasks();
    await this.plugins.call("shell.start");
    await this.#barrier();
    this.#emit("shell.start", { taskmap: this.layout.taskmap.toWrapped() });
    this.#isStarted = true;
    this.#starting.resolve();
    for (const task of this.#early.splice(0)) this.#onTaskEnd(task);
    for (const signum of this.#signals.splice(0)) this.killAll(signum);
    await this.#idle();
    await this.plugins.call("shell.exit");
    for (const task of this.tasks) this.#exitCode = Math.max(this.#exitCode, task.exitCode);
    this.log(LogLevel.Debug, `exit ${this.#exitCode}`);
  }

  /** Resolves when the tasks of all shells run, and event `shell.start` is written. */
  get started(): Promise<void> {
    return this.#starting.promise;
  }

  /** Signal all tasks; those that are not started yet get it then. */
  killAll(signum: number): void {
    if (!this.#isStarted && signum !== sigkill) {
      this.#signals.push(signum);
      return;
    }
    for (const task of this.tasks) {
      if (!task.isRunning) continue;
      try {
        task.kill(signum);
      } catch (error) {
        if (error instanceof FluxError && error.code === "ESRCH") continue;
        const reason = (error as Error).message;
        this.log(LogLevel.Error, `kill task ${task.rank}: signal ${signum}: ${reason}`);
      }
    }
  }

  /** End this shell at once, as a signal ends a process. */
  abort(signum: number): void {
    this.#failed.reject(new Killed(signum));
  }

  /** End the job: something went wrong that it cannot go on without. */
  fail(error: ShellFailure): void {
    this.#failed.reject(error);
  }

  /** Raise an exception of the job; the first one counts. */
  async raise(type: string, severity: number, note: string, waitStatus?: number): Promise<void> {
    if (this.#raised) return;
    this.#raised = true;
    const { id } = this.job;
    const status = waitStatus === undefined ? {} : { wait_status: waitStatus };
    try {
      await this.site.flux.rpc("job-manager.raise", { id, type, severity, note, ...status });
    } catch (error) {
      const reason = (error as Error).message;
      const text = `failed to raise job exception: ${reason}`;
      this.#stderr(logLine(undefined, LogLevel.Error, text));
    }
  }

  log(level: LogLevel, message: string, component?: string): void {
    // What is logged by those who log is lost rather than logged for ever.
    if (this.#logging || level > LogLevel.Notice + this.verbose) return;
    this.#logging = true;
    const entry = component === undefined ? { level, message } : { level, message, component };
    const onError = (error: unknown): void => this.#stderr(`flux-shell: ${error}\n`);
    if (this.plugins.has("shell.log")) this.plugins.callEach("shell.log", onError, entry);
    else this.#stderr(logLine(undefined, level, message, component));
    this.#logging = false;
  }

  /** Let the tasks wait with their output as long as there is a reason to. */
  pauseOutput(reason: string, isPaused: boolean): void {
    const before = this.#pauses.size > 0;
    if (isPaused) this.#pauses.add(reason);
    else this.#pauses.delete(reason);
    const now = this.#pauses.size > 0;
    if (before === now) return;
    for (const task of this.tasks) {
      for (const stream of ["stdout", "stderr"]) {
        if (now) task.pause(stream);
        else task.resume(stream);
      }
    }
  }

  /** Keep the shell running, with or without tasks, until `release` of the same name. */
  hold(name: string): void {
    this.#holds.set(name, (this.#holds.get(name) ?? 0) + 1);
  }

  release(name: string): void {
    const count = this.#holds.get(name) ?? 0;
    if (count > 1) this.#holds.set(name, count - 1);
    else this.#holds.delete(name);
    if (this.#holds.size === 0 && this.#tasksLeft === 0) this.#onIdle?.();
  }

  /** Call `handler` with the event messages `shell-<id>.NAME`. */
  onEvent(name: string, handler: (payload: JsonObject) => void): void {
    this.#eventHandlers.set(name, handler);
  }

  /** Input from the process: an event message for this job. */
  deliverEvent(name: string, payload: () => JsonObject): void {
    this.#eventHandlers.get(name)?.(payload());
  }

  /** Add to the context of `shell.init` or `shell.start`. */
  addEventContext(event: string, context: JsonObject): void {
    this.#eventContexts.set(event, { ...this.#eventContexts.get(event), ...context });
  }

  /** A template with its tags replaced, for a task and a shell rank (default: this one's). */
  render(template: string, scope: { task?: Task | undefined; shellRank?: number } = {}): string {
    return renderTemplate(this, template, scope);
  }

  /** Leader: all tasks of all shells have ended. */
  onTasksComplete(): void {
    this.plugins.callEach("shell.tasks-complete", (error) => this.#logError(error));
  }

  /** Leader: another shell of the job is gone. */
  onShellLost(shellRank: number, severity: number): void {
    this.plugins.callEach("shell.lost", (error) => this.#logError(error), shellRank, severity);
  }

  #emit(name: string, context: JsonObject): void {
    if (!this.isLeader) return;
    this.guest.append("exec.eventlog", name, { ...context, ...this.#eventContexts.get(name) });
  }

  /** Wait for the other shells of the job (wire-jobs §7.4). */
  async #barrier(): Promise<void> {
    if (this.size === 1) return;
    await this.service.register();
    // What others rely on after the barrier has to be there, such as the input log.
    await this.guest.flush();
    try {
      await this.site.flux.call(jobExec.shellBarrier, { id: this.job.id, rank: this.site.rank });
    } catch (error) {
      // EIO: it failed, and the job has an exception that says why.
      if (error instanceof FluxError && error.code !== "EIO") {
        this.log(LogLevel.Error, `shell_barrier: ${error.message}`);
      }
      throw new ShellFailure(1, "shell barrier failed", { silent: true });
    }
  }

  /** Follow updates of R, for plugins that want to know of them. */
  #watchResources(): void {
    const { site, job } = this;
    let isFirst = true;
    const watch = site.flux.follow(
      jobInfo.updateWatch,
      {
        next: ({ R }) => {
          if (!isFirst && isJsonObject(R)) this.#onResourceUpdate(R);
          isFirst = false;
        },
        end: (error) => {
          if (error) this.log(LogLevel.Error, `error getting R: ${error.message}`);
        },
      },
      { id: job.id, key: "R", flags: 0 },
      { cancel: jobInfo.updateWatchCancel },
    );
    this.#onEnd = () => watch.cancel();
  }

  #onResourceUpdate(R: JsonObject): void {
    this.R = R;
    const onError = (error: unknown): void => this.#logError(error);
    this.plugins.callEach("shell.resource-update", onError);
  }

  #setEnvironment(): void {
    const { env, site, job } = this;
    const parent = site.attribute("jobid-path") ?? "/";
    env.set("FLUX_URI", site.uri);
    env.set("FLUX_KVS_NAMESPACE", `job-${job.id}`);
    env.set("FLUX_JOB_ID_PATH", `${parent === "/" ? "" : parent}/${f58(job.id)}`);
    env.set("FLUX_JOB_SIZE", `${this.ntasks}`);
    env.set("FLUX_JOB_NNODES", `${this.size}`);
    env.set("FLUX_JOB_ID", f58(job.id));
    // The submitter's would be wrong on most nodes.
    if (env.get("HOSTNAME") !== undefined) env.set("HOSTNAME", site.hostname);
  }

  #createTasks(): void {
    const command = this.job.jobspec.tasks[0]!.command;
    this.tasks = [...this.layout.taskmap.taskids(this.rank)].map((rank, index) => {
      const task = new Task(index, rank, command);
      task.env.FLUX_TASK_LOCAL_ID = `${index}`;
      task.env.FLUX_TASK_RANK = `${rank}`;
      task.cwd = this.cwd;
      if (this.options.has("nosetpgrp")) task.group = "inherit";
      return task;
    });
  }

  async #startTasks(): Promise<void> {
    this.#tasksLeft = this.tasks.length;
    for (const task of this.tasks) {
      this.plugins.callEach("task.init", rethrow, task);
      task.argv = task.argv.map((arg) => this.render(arg, { task }));
    }
    await Promise.all(this.tasks.map((task) => this.#startTask(task)));
  }

  async #startTask(task: Task): Promise<void> {
    try {
      await task.start(this.env, (ended) => this.#onTaskEnd(ended));
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
      const what = `task ${task.rank} (host ${this.site.hostname}): start failed`;
      const reason = `${task.argv[0]}: ${errnoText(error.errnum)}`;
      throw new ShellFailure(exitCodeFor(error), `${what}: ${reason}`);
    }
    this.plugins.callEach("task.fork", (error) => this.#logError(error), task);
  }

  #onTaskEnd(task: Task): void {
    if (!this.#isStarted) {
      this.#early.push(task);
      return;
    }
    this.log(LogLevel.Debug, `task ${task.rank} complete status=${task.exitCode}`);
    const onError = (error: unknown): void => this.#logError(error);
    this.plugins.callEach("task.exit", onError, task);
    if (--this.#tasksLeft > 0) return;
    this.plugins.callEach("shell.finish", onError);
    if (this.#holds.size === 0) this.#onIdle?.();
  }

  #idle(): Promise<void> {
    if (this.#tasksLeft === 0 && this.#holds.size === 0) {
      // A node of the job without tasks has finished as soon as it has begun.
      if (this.tasks.length === 0) {
        this.plugins.callEach("shell.finish", (error) => this.#logError(error));
      }
      if (this.#holds.size === 0) return Promise.resolve();
    }
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  /** The end of a shell that cannot go on: say why, kill what runs, end the job. */
  async #die(error: unknown): Promise<void> {
    if (error instanceof Killed) {
      this.#kill();
      return;
    }
    const isFailure = error instanceof ShellFailure;
    this.#exitCode = isFailure ? error.exitCode : 1;
    const text = error instanceof Error ? error.message : String(error);
    if (!isFailure && !(error instanceof FluxError)) {
      // A defect: where it is helps more than what it says.
      this.#stderr(`flux-shell: ${(error as Error)?.stack ?? error}\n`);
    }
    if (!(isFailure && error.silent)) this.log(LogLevel.Fatal, text);
    this.#kill();
    if (isFailure && error.silent) return;
    await this.guest.flush();
    await this.raise("exec", 0, text);
  }

  #kill(): void {
    this.plugins.callEach("shell.kill", (error) => this.#logError(error), sigkill);
    this.killAll(sigkill);
  }

  #logLayout(): void {
    if (this.verbose === 0) return;
    const { nslots, coresPerSlot, slotsPerNode } = this.layout.slots;
    if (this.isLeader) {
      const counts = `task_count=${this.ntasks} slot_count=${nslots}`;
      const sizes = `cores_per_slot=${coresPerSlot} slots_per_node=${slotsPerNode}`;
      this.log(LogLevel.Debug, `0: ${counts} ${sizes}`);
    }
    const ids = this.layout.taskmap.taskids(this.rank);
    const name = ids.size > 1 ? "tasks" : "task";
    const where = `on cores ${this.node.cores.encode()}`;
    this.log(LogLevel.Debug, `${this.rank}: ${name} ${ids.encode({ brackets: true })} ${where}`);
  }

  #logError(error: unknown): void {
    this.log(LogLevel.Error, error instanceof Error ? error.message : String(error));
  }
}

/** The shell was told to end at once. */
class Killed extends Error {
  readonly signum: number;

  constructor(signum: number) {
    super(`killed by signal ${signum}`);
    this.signum = signum;
  }
}

/** As a command's exit code in sh(1): found, but not to be executed; not found. */
function exitCodeFor({ code }: FluxError): number {
  if (code === "EPERM" || code === "EACCES") return 126;
  return code === "ENOENT" ? 127 : 1;
}

function rethrow(error: unknown): never {
  throw error;
}

/** A promise that only ever fails, once. */
function rejection(): { readonly promise: Promise<never>; reject(error: Error): void } {
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<never>((_resolve, fail) => {
    reject = fail;
  });
  promise.catch(() => {});
  return { promise, reject };
}
