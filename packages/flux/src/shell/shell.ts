import { withResolvers } from "@flux-ts/client/rpc-stream";
import { f58, formatJobId } from "@flux-ts/protocol/job/fluid";
import { errnoText } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { jobExec } from "@flux-ts/protocol/services/job-exec";
import { Completion } from "./completion.ts";
import { describeLayout } from "./describe-layout.ts";
import { GuestLog } from "./guest-log.ts";
import { JobEnvironment } from "./job-environment.ts";
import { setJobVariables } from "./job-variables.ts";
import { LogLevel, logLine } from "./log-level.ts";
import type { ShellPlugin } from "./plugin.ts";
import { PluginStack } from "./plugin-stack.ts";
import { watchResources } from "./resource-watch.ts";
import { ShellFailure, ShellKilled, startExitCode } from "./shell-failure.ts";
import { type ShellJob, ShellOptions } from "./shell-job.ts";
import { ShellService } from "./shell-service.ts";
import type { Site } from "./site.ts";
import { Task } from "./task.ts";
import { type ShellNode, type TaskLayout, taskLayoutOf } from "./task-layout.ts";
import { remap } from "./taskmap-schemes.ts";
import { renderTemplate, type TemplateScope } from "./template-tags.ts";
import { workingDirectory } from "./working-directory.ts";

const sigkill = 9;

/** How a shell ended: with an exit code, or by a signal. */
export type ShellEnd = { readonly exitCode: number } | { readonly signum: number };

/** Plugins, or how to load them, where that takes time and may fail. */
export type PluginSource = readonly ShellPlugin[] | (() => Promise<readonly ShellPlugin[]>);

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
  /** After its end, in a resident process: lines of the job's event logs for the caller to keep. */
  remainingLogs: Record<string, string> | undefined;
  /** How much more than notices to log. */
  readonly verbose: number;
  readonly #stderr: (line: string) => void;
  readonly #eventHandlers = new Map<string, (payload: JsonObject) => void>();
  readonly #eventContexts = new Map<string, JsonObject>();
  readonly #completion = new Completion();
  readonly #pauses = new Set<string>();
  readonly #failed = withResolvers<never>();
  readonly #started = withResolvers<void>();
  readonly #starts: Promise<void>[] = [];
  #logging = false;
  #raised = false;
  #isStarted = false;
  #isOver = false;
  /** Tasks that ended, and signals that came, before all tasks had started. */
  readonly #early: Task[] = [];
  readonly #signals: number[] = [];
  #tasksLeft = 0;
  #exitCode = 0;
  #stopWatching: () => void = () => {};

  /**
   * `stderr` takes lines for which there is no log yet, or no more. Throws EPROTO or EINVAL if the
   * job makes no sense, or has nothing on this broker.
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
      firstBatchMs: () => site.firstBatchMs,
      beforeFirstCommit: () => this.#beforeLogs(),
      onPressure: (high) => this.pauseOutput("log", high),
      onError: (error) => stderr(logLine(undefined, LogLevel.Error, error.message)),
    });
    // It is raced when the shell runs; until then nobody waits for it.
    this.#failed.promise.catch(() => {});
  }

  /** Number of shells. */
  get size(): number {
    return this.layout.nodes.length;
  }

  /** The job's id as people read it; in ASCII if the job or our locale asks for that. */
  get jobid(): string {
    const isAscii = this.env.get("FLUX_F58_FORCE_ASCII") !== undefined;
    return isAscii ? formatJobId(this.job.id, "f58plain") : this.site.nameJob(this.job.id);
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

  /** Resolves when the tasks of all shells run, and event `shell.start` is written. */
  get started(): Promise<void> {
    return this.#started.promise;
  }

  /**
   * Run the job's tasks here, from beginning to end. `onLoaded`: plugins are ready for events now.
   */
  async run(plugins: PluginSource, onLoaded = (): void => {}): Promise<ShellEnd> {
    this.site.shells++;
    try {
      await Promise.race([this.#failed.promise, this.#run(plugins, onLoaded)]);
    } catch (error) {
      this.#isOver = true;
      await this.#die(error);
      if (error instanceof ShellKilled) return { signum: error.signum };
    } finally {
      this.#stopWatching();
      await this.plugins.callAll("shell.close", this.#logError);
      if (this.site.isResident) this.remainingLogs = this.guest.take();
      await this.guest.flush(true);
      this.service.unregister();
      this.site.shells--;
    }
    return { exitCode: this.#exitCode };
  }

  /** What a shell does, in order; the rest is left out when it is over before. */
  async #run(plugins: PluginSource, onLoaded: () => void): Promise<void> {
    const steps: readonly (() => void | Promise<void>)[] = [
      () => this.#load(plugins),
      onLoaded,
      () => this.#prepare(),
      () => this.plugins.call("shell.init"),
      () => this.#onInitialized(),
      () => this.#barrier(),
      () => this.#emit("shell.init", this.#initContext),
      () => this.plugins.call("shell.post-init"),
      () => this.#startTasks(),
      () => this.plugins.call("shell.start"),
      () => this.#barrier(),
      () => this.#onStarted(),
      () => this.#completion.free(),
      () => this.plugins.call("shell.exit"),
      () => this.#onExit(),
    ];
    for (const step of steps) {
      const result = step();
      if (result instanceof Promise) await result;
      if (this.#isOver) return;
    }
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
        if (!(error instanceof FluxError)) throw error;
        if (error.code === "ESRCH") continue;
        const reason = errnoText(error.errnum);
        this.log(LogLevel.Error, `kill task ${task.rank}: signal ${signum}: ${reason}`);
      }
    }
  }

  /** End this shell at once, as a signal ends a process. */
  abort(signum: number): void {
    this.#failed.reject(new ShellKilled(signum));
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
      const text = `failed to raise job exception: ${(error as Error).message}`;
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
    this.#completion.hold(name);
  }

  release(name: string): void {
    this.#completion.release(name);
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
  render(template: string, scope: TemplateScope = {}): string {
    return renderTemplate(this, template, scope);
  }

  /** Leader: all tasks of all shells have ended. */
  onTasksComplete(): void {
    this.log(LogLevel.Debug, "all shells report tasks complete", "tasks-complete");
    this.plugins.callEach("shell.tasks-complete", this.#logError);
  }

  /** Leader: another shell of the job is gone. */
  onShellLost(shellRank: number, severity: number): void {
    this.plugins.callEach("shell.lost", this.#logError, shellRank, severity);
  }

  #load(plugins: PluginSource): void | Promise<void> {
    if (typeof plugins !== "function") {
      this.plugins.load(this, plugins);
      return;
    }
    return plugins().then((loaded) => this.plugins.load(this, loaded));
  }

  #prepare(): void {
    this.cwd = workingDirectory(this);
    this.layout = remap(this);
    this.#noteUnusedSlots();
    setJobVariables(this);
    const { command } = this.job.jobspec.tasks[0]!;
    const isInGroup = this.options.has("nosetpgrp");
    this.tasks = [...this.layout.taskmap.taskids(this.rank)].map((rank, index) => {
      const task = new Task(index, rank, command);
      task.env.FLUX_TASK_LOCAL_ID = `${index}`;
      task.env.FLUX_TASK_RANK = `${rank}`;
      task.cwd = this.cwd;
      if (isInGroup) task.group = "inherit";
      return task;
    });
  }

  #noteUnusedSlots(): void {
    for (const text of this.layout.adjustments[this.rank] ?? []) {
      this.log(LogLevel.Warn, `${this.site.hostname}: ${text}`);
    }
  }

  #onInitialized(): void {
    describeLayout(this);
    if (!this.plugins.has("shell.resource-update")) return;
    this.#stopWatching = watchResources(this, (R) => {
      this.R = R;
      this.plugins.callEach("shell.resource-update", this.#logError);
    });
  }

  get #initContext(): JsonObject {
    const { service, layout, size } = this;
    return { service: service.name, "leader-rank": layout.nodes[0]!.rank, size };
  }

  #emit(name: string, context: JsonObject): void {
    if (!this.isLeader) return;
    this.guest.append("exec.eventlog", name, { ...context, ...this.#eventContexts.get(name) });
  }

  /** Logs that can be read say where the shell is found, and come behind those of job-exec. */
  async #beforeLogs(): Promise<void> {
    const { flux, isResident } = this.site;
    const published = isResident && flux.call(jobExec.publishGuest, { id: this.job.id });
    await Promise.all([this.service.register(), published]);
  }

  /** Wait for the other shells of the job (wire-jobs §7.4). */
  #barrier(): void | Promise<void> {
    if (this.size > 1) return this.#enterBarrier();
  }

  async #enterBarrier(): Promise<void> {
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

  async #startTasks(): Promise<void> {
    this.#tasksLeft = this.tasks.length;
    if (this.tasks.length > 0) this.hold("tasks");
    for (const task of this.tasks) {
      this.plugins.callEach("task.init", rethrow, task);
      task.argv = task.argv.map((arg) => this.render(arg, { task }));
    }
    for (const task of this.tasks) this.#starts.push(this.#startTask(task));
    await Promise.all(this.#starts);
  }

  async #startTask(task: Task): Promise<void> {
    try {
      await task.start(this.env, (ended) => this.#onTaskEnd(ended));
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
      const what = `task ${task.rank} (host ${this.site.hostname}): start failed`;
      const reason = `${task.argv[0]}: ${errnoText(error.errnum)}`;
      throw new ShellFailure(startExitCode(error), `${what}: ${reason}`);
    }
    if (this.#isOver) task.kill(sigkill);
    else this.plugins.callEach("task.fork", this.#logError, task);
  }

  #onStarted(): void {
    this.#emit("shell.start", { taskmap: this.layout.taskmap.toWrapped() });
    this.#isStarted = true;
    this.#started.resolve();
    // A node of the job without tasks has finished as soon as it has begun.
    if (this.tasks.length === 0) this.plugins.callEach("shell.finish", this.#logError);
    for (const task of this.#early.splice(0)) this.#onTaskEnd(task);
    for (const signum of this.#signals.splice(0)) this.killAll(signum);
  }

  #onTaskEnd(task: Task): void {
    if (!this.#isStarted) {
      this.#early.push(task);
      return;
    }
    if (this.#isOver) return;
    this.log(LogLevel.Debug, `task ${task.rank} complete status=${task.exitCode}`);
    this.plugins.callEach("task.exit", this.#logError, task);
    if (--this.#tasksLeft > 0) return;
    this.plugins.callEach("shell.finish", this.#logError);
    this.release("tasks");
  }

  #onExit(): void {
    for (const task of this.tasks) this.#exitCode = Math.max(this.#exitCode, task.exitCode);
    this.log(LogLevel.Debug, `exit ${this.#exitCode}`);
  }

  /** The end of a shell that cannot go on: say why, kill what runs, end the job. */
  async #die(error: unknown): Promise<void> {
    const isFailure = error instanceof ShellFailure;
    const isSilent = error instanceof ShellKilled || (isFailure && error.silent);
    const text = error instanceof Error ? error.message : String(error);
    this.#exitCode = isFailure ? error.exitCode : 1;
    if (!isFailure && !isSilent && !(error instanceof FluxError)) {
      // A defect: where it is helps more than what it says.
      this.#stderr(`flux-shell: ${(error as Error)?.stack ?? error}\n`);
    }
    if (!isSilent) this.log(LogLevel.Fatal, text);
    this.plugins.callEach("shell.kill", this.#logError, sigkill);
    this.killAll(sigkill);
    // Those that are just being started are killed as soon as they run.
    await Promise.allSettled(this.#starts);
    if (isSilent) return;
    await this.guest.flush();
    await this.raise("exec", 0, text);
  }

  readonly #logError = (error: unknown): void => {
    this.log(LogLevel.Error, error instanceof Error ? error.message : String(error));
  };
}

function rethrow(error: unknown): never {
  throw error;
}
