import type { Request } from "@flux-ts/client/request";
import { f58, type JobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { Severity } from "../../../plugins/module.ts";
import type { ExecConfig } from "../config.ts";
import type { GuestNamespace } from "../guest/guest.ts";
import type { ExecJob } from "../job.ts";
import { KillPlan } from "../kill-plan.ts";
import type { Launcher, RunningShells } from "../launch/launch.ts";

export type RunningJob = ExecJob<Request<void>>;

/** What the execution of a job needs of the world around it. */
export interface RunDeps {
  readonly launcher: Launcher;
  readonly config: ExecConfig;
  /** A response to the job manager (RFC 32). */
  respond(type: string, data: JsonObject): void;
  /** The job is released; this object is finished with. */
  onDone(): void;
  log(severity: Severity, text: string): void;
  guestOf(job: RunningJob): GuestNamespace;
  /** Signal the tasks through their shells. */
  signalTasks(id: JobId, signum: number): void;
  /** Tell the leading shell that another one is lost. */
  reportLostShell(job: RunningJob, exception: JsonObject): void;
  drain(ranks: string, reason: string): void;
}

const sigalrm = 14;
const seconds = (): number => Date.now() / 1000;
/** Longest delay setTimeout takes; longer waits are cut into pieces. */
const maxTimerMs = 2 ** 31 - 1;
/** A job that is over by then never shows its guest logs while it runs, which makes it much cheaper. */
const publishMs = 25;

/** Takes one job from `start` to `release`: timers, events and signals around an ExecJob. */
export class JobRun {
  readonly job: RunningJob;
  readonly #deps: RunDeps;
  readonly #guest: GuestNamespace;
  #shells: RunningShells | undefined;
  #killing: KillPlan | undefined;
  #killTimer: NodeJS.Timeout | undefined;
  #expirationTimer: NodeJS.Timeout | undefined;
  #expiration = 0;
  #finishTimer: NodeJS.Timeout | undefined;
  #barrierTimer: NodeJS.Timeout | undefined;
  #leaderTimer: NodeJS.Timeout | undefined;
  #publishTimer: NodeJS.Timeout | undefined;
  /** The job manager waits to hear that the job has started: its guest logs come first. */
  #startPending = false;
  readonly #asked = seconds();
  #abandoned = false;

  constructor(job: RunningJob, deps: RunDeps) {
    this.job = job;
    this.#deps = deps;
    this.#guest = deps.guestOf(job);
  }

  start(reattach: boolean): void {
    this.#start(reattach).catch((error: unknown) => {
      this.#raise("exec", `job execution: ${error instanceof Error ? error.message : error}`);
      this.#finish();
    });
  }

  async #start(reattach: boolean): Promise<void> {
    const { job } = this;
    const { test } = job.setup;
    if (reattach && !test) {
      // Shells do not survive their broker: what ran is lost.
      throw new FluxError("EIO", "job could not be reattached: its shells are gone");
    }
    if (test?.mockException === "init")
      throw new FluxError("EIO", "mock initialization exception generated");
    this.#guest.append({ name: reattach ? "reattach" : "init" });
    this.#guest.append({ name: reattach ? "re-starting" : "starting" });
    if (this.#isShort(reattach)) {
      // Nothing has to wait: a shell's first commit comes behind the request that makes the namespace.
      if (!test) this.#guest.create().catch((error: Error) => this.#raise("exec", error.message));
      this.#publishTimer = setTimeout(() => void this.publish(), publishMs);
    } else {
      await this.#guest.publish();
    }
    if (job.hasException) {
      // Cancelled before anything was started.
      this.#finish();
      return;
    }
    if (test) this.#simulate(reattach);
    else this.#launch();
  }

  /** The job may be over before anybody can look at it. */
  #isShort(reattach: boolean): boolean {
    const { test, ranks } = this.job.setup;
    if (reattach || test?.override) return false;
    return test !== undefined || (this.#deps.launcher.keepsLogs && ranks.length === 1);
  }

  /** The job takes longer: show its guest logs, then that it has started. */
  async publish(): Promise<void> {
    clearTimeout(this.#publishTimer);
    try {
      await this.#guest.publish();
    } catch (error) {
      this.#raise("exec", `guest namespace: ${(error as Error).message}`);
    }
    if (this.job.phase === "running") this.#announceStart();
  }

  #onRunning(): void {
    this.job.phase = "running";
    this.#startPending = true;
    if (this.#guest.isPublished) this.#announceStart();
    this.#armExpiration();
  }

  /** Tell the job manager that the job has started, if it does not know. */
  #announceStart(): void {
    if (!this.#startPending) return;
    this.#startPending = false;
    this.#deps.respond("start", {});
  }

  #launch(): void {
    const { job } = this;
    this.#shells = this.#deps.launcher.launch(job.setup, {
      onStarted: (rank) => {
        if (job.onStarted(rank)) this.#onRunning();
      },
      onExit: (rank, status) => this.#onShellExit(rank, status),
      onFailed: (rank, error) => this.#onShellFailed(rank, error),
      onGuestLog: (log, lines) => this.#guest.appendText(log, lines),
      onLog: (rank, stream, data) => {
        const context = { component: "flux-shell", stream, rank, data };
        this.#guest.append({ name: "log", context });
      },
    });
  }

  /** The allocation ends at `expiration`, seconds since the epoch; 0: never. */
  setExpiration(expiration: number): void {
    this.#expiration = expiration;
    clearTimeout(this.#expirationTimer);
    if (expiration > 0) this.#waitForExpiration();
  }

  #armExpiration(): void {
    const { execution } = this.job.setup.R;
    if (!isJsonObject(execution)) return;
    const expiration = Number(execution.expiration ?? 0);
    const starttime = Number(execution.starttime ?? 0);
    if (expiration <= 0) return;
    // A start that took long is not the job's fault.
    const delay = seconds() - this.#asked;
    const allowed = ((expiration - starttime) * this.#deps.config.maxStartDelayPercent) / 100;
    this.setExpiration(delay > allowed ? expiration + delay : expiration);
  }

  #waitForExpiration(): void {
    const ms = Math.max(0, (this.#expiration - seconds()) * 1000);
    this.#expirationTimer = setTimeout(
      () => {
        if (ms > maxTimerMs) this.#waitForExpiration();
        else this.#raise("timeout", "resource allocation expired");
      },
      Math.min(ms, maxTimerMs),
    );
  }

  #onShellExit(rank: number, status: number): void {
    const { job } = this;
    const events = job.onShellExit(rank, status);
    for (const event of events) this.#guest.append(event);
    if (job.barrier.waiting > 0 || (job.barrier.passed === 0 && job.barrier.size > 1)) {
      this.#failBarrier(rank);
    }
    if (job.active.size === 0 && this.#everStarted()) this.#finish();
    else if (job.shellRank(rank) === 0) this.#waitForOthers();
  }

  /** Every shell has started and ended, or will not start any more. */
  #everStarted(): boolean {
    return this.job.started.size === this.job.setup.ranks.length;
  }

  #onShellFailed(rank: number, error: FluxError): void {
    const { job } = this;
    const wasActive = job.active.delete(rank);
    job.hasLostShell = true;
    if (wasActive) {
      this.#onShellLost(rank, error);
    } else {
      job.started.add(rank);
      const host = job.hostOf(rank);
      const text = error.code === "EHOSTUNREACH" ? "lost contact with job shell" : error.message;
      this.#raise("exec", `job shell exec error on broker ${host} (rank ${rank}): ${text}`);
      job.raiseStatus(exitStatusOf(error));
    }
    if (job.active.size === 0 && this.#everStarted()) this.#finish();
  }

  /** A shell ended without a status: its node or the process that hosts it is gone. */
  #onShellLost(rank: number, error: FluxError): void {
    const { job } = this;
    const shellRank = job.shellRank(rank);
    const isCritical = job.critical.has(shellRank);
    const message = `shell rank ${shellRank} (on ${job.hostOf(rank)}): ${lostText(error)}`;
    if (shellRank !== 0) {
      const exception = { type: "lost-shell", severity: isCritical ? 0 : 2, shell_rank: shellRank };
      this.#deps.reportLostShell(job, { ...exception, message });
    }
    if (isCritical) this.#raise("node-failure", message);
    else this.#deps.respond("exception", { severity: 2, type: "node-failure", note: message });
    if (job.barrier.waiting > 0) this.#failBarrier(rank);
  }

  /** The leading shell has ended: the others are given a while. */
  #waitForOthers(): void {
    const { shellExitTimeout } = this.#deps.config;
    if (shellExitTimeout === undefined || this.#leaderTimer) return;
    this.#leaderTimer = setTimeout(() => {
      const hosts = [...this.job.active].map((rank) => this.job.hostOf(rank)).join(",");
      this.#raise("exec", `timeout waiting for job shell(s) on ${hosts} to exit`);
    }, shellExitTimeout * 1000);
  }

  enterBarrier(rank: number, request: Request<void>): void {
    const { barrier } = this.job;
    if (this.job.hasException || this.job.hasLostShell) {
      request.fail(new FluxError("EIO"));
      return;
    }
    const everybody = barrier.enter(rank, request);
    if (everybody) {
      clearTimeout(this.#barrierTimer);
      this.#barrierTimer = undefined;
      for (const waiter of everybody) waiter.respond(undefined);
      return;
    }
    const { barrierTimeout } = this.#deps.config;
    if (barrierTimeout === undefined || this.#barrierTimer) return;
    this.#barrierTimer = setTimeout(() => this.#onBarrierTimeout(), barrierTimeout * 1000);
  }

  #onBarrierTimeout(): void {
    const { job } = this;
    const missing = job.setup.ranks.filter((rank) => !job.barrier.has(rank));
    const hosts = missing.map((rank) => job.hostOf(rank)).join(",");
    const ranks = Idset.from(missing).encode();
    this.#deps.drain(ranks, `job ${f58(job.id)} start timeout`);
    const note = `start barrier timeout waiting for ${missing.length}/${job.barrier.size} nodes`;
    this.#raise("exec", `${note} (${hosts}) (rank ${ranks})`);
  }

  #failBarrier(rank: number): void {
    const { job } = this;
    const isFirst = job.barrier.passed === 0;
    for (const waiter of job.barrier.take()) waiter.fail(new FluxError("EIO"));
    if (!isFirst || job.hasException) return;
    const where = `shell rank ${job.shellRank(rank)} (on ${job.hostOf(rank)})`;
    this.#raise("exec", `${where} terminated before first barrier`);
  }

  /** An exception of severity 0 was raised, by us or by somebody else: end the job. */
  onException(type: string, waitStatus: number | undefined): void {
    const { job } = this;
    if (job.phase === "done" || job.phase === "finishing") return;
    const isFirst = !job.hasException;
    job.onException(waitStatus);
    if (!isFirst) return;
    if (job.setup.test) {
      clearTimeout(this.#finishTimer);
      this.#finish();
      return;
    }
    for (const waiter of job.barrier.take()) waiter.fail(new FluxError("EIO"));
    const { config } = this.#deps;
    const signum = type === "timeout" ? sigalrm : config.termSignal;
    this.#killing = new KillPlan(config, signum, seconds());
    this.#killStep();
  }

  #killStep(): void {
    const { step, delaySeconds } = this.#killing!.next(seconds());
    const { job } = this;
    switch (step.do) {
      case "signal-shells":
        this.#shells?.kill(step.signum, job.active.size > 0 ? job.active : undefined);
        break;
      case "signal-tasks":
        this.#deps.signalTasks(job.id, step.signum);
        break;
      case "give-up":
        this.#giveUp();
        return;
    }
    this.#killTimer = setTimeout(() => this.#killStep(), (delaySeconds ?? 0) * 1000);
  }

  #giveUp(): void {
    const { job } = this;
    const ranks = Idset.from(job.active).encode();
    this.#deps.drain(ranks, `unkillable user processes for job ${f58(job.id)}`);
    this.#finish();
  }

  #raise(type: string, note: string): void {
    this.#announceStart();
    this.#deps.respond("exception", { severity: 0, type, note });
    // The job manager publishes it too, but by then it must have had its effect.
    this.onException(type, undefined);
  }

  /** Simulated execution: no shells, only time. */
  #simulate(reattach: boolean): void {
    const { test, R } = this.job.setup;
    this.#guest.append({ name: "recoverable" });
    if (test!.mockException === "starting" || test!.mockException === "run") {
      this.#raise("exec", `mock ${test!.mockException} exception generated`);
      return;
    }
    if (test!.override && !reattach) return;
    if (reattach) {
      this.#deps.respond("reattached", {});
      this.job.phase = "running";
      if (test!.reattachFinish) {
        this.#endSimulation(test!.waitStatus);
        return;
      }
      this.#armExpiration();
    } else {
      this.#onRunning();
    }
    const { execution } = R;
    const expiration = isJsonObject(execution) ? Number(execution.expiration ?? 0) : 0;
    const duration = test!.runDuration ?? (expiration > 0 ? expiration - seconds() : undefined);
    if (duration === undefined || test!.override) return;
    // Without a timer where none is needed: thousands of such jobs pass in a second.
    if (duration <= 0.00001) this.#endSimulation(test!.waitStatus);
    else {
      const end = (): void => this.#endSimulation(test!.waitStatus);
      this.#finishTimer = setTimeout(end, Math.min(duration * 1000, maxTimerMs));
    }
  }

  /** `job-exec.override` for a simulated job that waits for it. */
  override(event: string, status: number): void {
    const { test } = this.job.setup;
    if (!test?.override) throw new FluxError("EINVAL", "job is not in exec override mode");
    if (event === "start") {
      if (this.job.phase !== "starting") throw new FluxError("EINVAL", "job is already running");
      this.#onRunning();
    } else if (event === "finish") {
      if (this.job.phase !== "running") throw new FluxError("EINVAL", "job is not running");
      this.#endSimulation(status);
    } else {
      throw new FluxError("EINVAL", `invalid event ${event}: use start or finish`);
    }
  }

  #endSimulation(status: number): void {
    this.job.raiseStatus(status);
    this.#finish();
  }

  /** No shell is left: say how it ended, keep what was written, give the resources back. */
  #finish(): void {
    const { job } = this;
    if (job.phase === "finishing" || job.phase === "done") return;
    const neverRan = job.phase === "starting" && job.started.size === 0;
    job.phase = "finishing";
    this.#clearTimers();
    const { status } = job;
    this.#guest.append({ name: "complete", context: { status } });
    this.#guest.append({ name: "done" });
    const tells = !neverRan || job.setup.test !== undefined;
    // Who hears of the end looks for the logs: they can be read by now, or have to be kept first.
    const isEarly = tells && this.#guest.isPublished;
    if (isEarly) this.#respondFinish(status);
    this.#guest
      .finish()
      .catch((error: Error) => {
        if (!this.#abandoned) this.#deps.log(3, `${f58(job.id)}: guest data: ${error.message}`);
      })
      .finally(() => {
        if (tells && !isEarly) this.#respondFinish(status);
        this.#release();
      });
  }

  #respondFinish(status: number): void {
    if (this.#abandoned) return;
    this.#announceStart();
    this.#deps.respond("finish", { status });
  }

  #release(): void {
    this.job.phase = "done";
    if (this.#abandoned) return;
    this.#deps.respond("release", { ranks: "all", final: true });
    this.#deps.onDone();
  }

  /** The module is unloaded: let go without a word to anybody. */
  abandon(): void {
    this.#abandoned = true;
    this.#clearTimers();
  }

  stats(): JsonObject {
    const { job } = this;
    return {
      phase: job.phase,
      started: job.started.size,
      active: Idset.from(job.active).encode(),
      implementation: job.setup.test ? "testexec" : "bulk-exec",
    };
  }

  #clearTimers(): void {
    clearTimeout(this.#killTimer);
    clearTimeout(this.#expirationTimer);
    clearTimeout(this.#finishTimer);
    clearTimeout(this.#barrierTimer);
    clearTimeout(this.#leaderTimer);
    clearTimeout(this.#publishTimer);
  }
}

/** Exit status for a shell that could not be run, as a shell would report it. */
function exitStatusOf(error: FluxError): number {
  if (error.code === "ENOENT") return 127 << 8;
  if (error.code === "EACCES" || error.code === "EPERM") return 126 << 8;
  return 1 << 8;
}

function lostText(error: FluxError): string {
  return error.code === "EHOSTUNREACH" ? "lost contact with job shell" : error.message;
}
