import type { JobId } from "@flux-ts/protocol/job/fluid";
import { exitCodeOf, isSignaled } from "@flux-ts/protocol/job/wait-status";
import { parseR } from "@flux-ts/protocol/resource/resource-set-json";
import { Errno } from "@flux-ts/protocol/rpc/errno";
import type { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { resource } from "@flux-ts/protocol/services/resource";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { JobtapApi } from "../jobtap-plugin.ts";
import type { RankCommand } from "../rank-command.ts";
import type { PerilogCommand } from "./perilog-settings.ts";

const SIGTERM = 15;

export type PerilogKind = "prolog" | "epilog";

export interface PerilogJob {
  readonly id: JobId;
  readonly userid: number;
  readonly R: JsonObject;
}

interface PerilogRunOptions {
  readonly api: JobtapApi;
  readonly kind: PerilogKind;
  readonly settings: PerilogCommand;
  readonly job: PerilogJob;
  readonly isIgnored: (line: string) => boolean;
  /** It is over, and the ranks where it failed are drained. */
  readonly onEnd: () => void;
}

/** A prolog or epilog that runs for a job. */
export class PerilogRun {
  readonly #options: PerilogRunOptions;
  readonly #ranks: Idset;
  #active: Idset;
  readonly #failed = new Set<number>();
  /** Ranks that the job's end is blamed on. */
  #culprits = new Idset();
  /** The largest of the wait statuses. */
  #status = 0;
  #isCanceled = false;
  #isTimedOut = false;
  /** SIGTERM was sent. */
  #isTerminating = false;
  /** SIGTERM did not end it in time. */
  #isGivenUp = false;
  #isEnding = false;
  readonly #signal: (ranks: readonly number[], signum: number) => void;
  #cancelTimer: (() => void) | undefined;
  /** When something is done about it next, in seconds since the epoch. */
  #deadline: number | undefined;

  constructor(options: PerilogRunOptions) {
    const { api, settings, job } = options;
    this.#options = options;
    const { ranks } = parseR(job.R);
    this.#ranks = settings.isPerRank ? ranks : Idset.from([0]);
    this.#active = this.#ranks;
    const command: RankCommand = {
      cmdline: settings.cmdline,
      env: {
        FLUX_JOB_ID: api.jobName(job.id),
        FLUX_JOB_RANKS: `${ranks}`,
        FLUX_JOB_USERID: `${job.userid}`,
      },
      ranks: [...this.#ranks],
      onOutput: (rank, stream, line) => {
        if (options.isIgnored(line)) return;
        this.#report(stream === "stderr" ? 3 : 6, rank, `${stream}: ${line}`);
      },
      onExit: (rank, status) => this.#onExit(rank, status),
      onFailed: (rank, error) => {
        this.#report(3, rank, error.message);
        this.#onExit(rank, statusOf(error), true);
      },
    };
    this.#signal = api.run(command);
    if (settings.timeout > 0) {
      this.#setTimer(settings.timeout, () => {
        this.#isTimedOut = true;
        this.#terminate();
      });
    }
  }

  get kind(): PerilogKind {
    return this.#options.kind;
  }

  get status(): number {
    return this.#status;
  }

  /** There is no finish event to start the epilog. */
  get needsEpilog(): boolean {
    return this.#isCanceled || this.#isTimedOut || this.#status > 0;
  }

  /** What to tell of a failure; undefined if there was none, or the job was canceled before. */
  get failure(): string | undefined {
    const { kind } = this.#options;
    const hasFailed = this.#status !== 0 || this.#isTimedOut;
    if (!this.#isGivenUp && (this.#isCanceled || !hasFailed)) return undefined;
    return `${kind} ${this.#fate()} on ${this.#hosts()} (rank ${this.#culprits})`;
  }

  #fate(): string {
    if (this.#isGivenUp) return "canceled then timed out";
    if (this.#isTimedOut) return "timed out";
    const code = exitCodeOf(this.#status);
    return isSignaled(this.#status) || code > 128
      ? `killed by signal ${code - 128}`
      : `exited with code=${code}`;
  }

  #hosts(): string {
    const { api } = this.#options;
    return Hostlist.from([...this.#culprits].map((rank) => api.hostname(rank))).encode();
  }

  /** The job got a fatal exception. */
  cancel(): void {
    if (!this.#options.settings.isCanceledByException) return;
    if (this.#isCanceled || this.#active.size === 0) return;
    this.#isCanceled = true;
    this.#terminate();
  }

  #terminate(): void {
    const { api, settings, kind, job } = this.#options;
    if (this.#isTerminating) return;
    this.#isTerminating = true;
    this.#signal([...this.#active], SIGTERM);
    this.#setTimer(settings.killTimeout, () => {
      api.log(3, `${api.jobName(job.id)}: timed out waiting for SIGTERM to terminate ${kind}`);
      this.#isGivenUp = true;
      this.#end(this.#active);
    });
  }

  #setTimer(seconds: number, run: () => void): void {
    const { api } = this.#options;
    this.#cancelTimer?.();
    this.#deadline = api.now + seconds;
    this.#cancelTimer = api.at(this.#deadline, run);
  }

  #onExit(rank: number, status: number, hasFailed = status !== 0): void {
    if (this.#isEnding) return;
    this.#active = this.#active.subtract(Idset.from([rank]));
    this.#status = Math.max(this.#status, status);
    if (hasFailed) this.#failed.add(rank);
    if (this.#active.size > 0) return;
    this.#end(Idset.from(this.#failed));
  }

  /**
   * It is over. Where it failed, nothing else may run before somebody has looked at it: these ranks are
   * drained before the resources can get free.
   */
  #end(culprits: Idset): void {
    const { api, settings, kind, job, onEnd } = this.#options;
    this.#isEnding = true;
    this.#cancelTimer?.();
    this.#culprits = culprits;
    const hasFailed = settings.isPerRank && !this.#isCanceled && this.#status !== 0;
    if (culprits.size === 0 || !(hasFailed || this.#isGivenUp)) {
      onEnd();
      return;
    }
    const what = this.#isCanceled
      ? "canceled then timed out"
      : this.#isTimedOut
        ? "timed out"
        : "failed";
    const reason = `${kind} ${what} for job ${api.jobName(job.id)}`;
    api.call(resource.drain, { targets: `${culprits}`, reason, mode: "update" }, (error) => {
      if (error) {
        const failed = `Failed to drain ranks with failed ${kind} for ${api.jobName(job.id)}`;
        api.log(3, `${failed}: ${error.message}`);
      }
      onEnd();
    });
  }

  #report(severity: 3 | 6, rank: number, text: string): void {
    const { api, kind, job } = this.#options;
    api.log(
      severity,
      `${api.jobName(job.id)}: ${kind}: ${api.hostname(rank)} (rank ${rank}): ${text}`,
    );
  }

  /** For `flux jobtap query`. */
  describe(): JsonObject {
    const { api, kind } = this.#options;
    const state = this.#isCanceled ? "canceled" : this.#isTimedOut ? "timeout" : "running";
    return {
      name: kind,
      state,
      total: this.#ranks.size,
      active: this.#active.size,
      active_ranks: `${this.#active}`,
      remaining_time: this.#deadline === undefined ? -1 : Math.round(this.#deadline - api.now),
    };
  }
}

/** As a wait status, what a shell would tell; a lost rank is another one's to report. */
function statusOf(error: FluxError): number {
  switch (error.errnum) {
    case Errno.EPERM:
    case Errno.EACCES:
      return 126 << 8;
    case Errno.ENOENT:
      return 127 << 8;
    case Errno.EHOSTUNREACH:
      return 0;
    default:
      return 1 << 8;
  }
}
