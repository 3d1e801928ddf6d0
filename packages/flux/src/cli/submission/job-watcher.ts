import type { Flux, Following } from "@flux-ts/client/handle";
import { eventlogPaths, followEvents } from "@flux-ts/client/job-events";
import { withResolvers } from "@flux-ts/client/rpc-stream";
import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { type OutputHeader, parseOutputEvent } from "@flux-ts/protocol/job/output";
import { exitCodeOf } from "@flux-ts/protocol/job/wait-status";
import type { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Output } from "../output/output.ts";
import { elapsedText, type Progress } from "../output/progress-bar.ts";
import { bytewise, eventText, exceptionText, outputText } from "./job-text-events.ts";

export interface WatcherOptions {
  /** Copy the output of the jobs. */
  readonly watch: boolean;
  readonly labelIo: boolean;
  /** Tell how jobs ended. */
  readonly logStatus: boolean;
  /** Tell all events. */
  readonly logEvents: boolean;
  readonly jps: boolean;
  /** Times count from here, or from the first submission if that was before; default: from that. */
  readonly startTime?: number;
  /** The text of a job id. */
  show(id: JobId): string;
}

/** Control sequences that would spoil the reserved row of a progress bar; colours stay. */
const cursorMoves =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters to remove
  /\x1b\[[\d;]*[rHJfABCDt]|\x1b\[\?[\d;]*[hl]|\x1b[78DMc]/g;

type Status = "pending" | "running" | "complete" | "failed";

/** A job to watch, and where to tell of it. */
export interface WatchedJob {
  readonly id: JobId;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Stop watching it at this event; `exec.NAME` is one of its execution. Undefined: at its end. */
  readonly waitEvent: string | undefined;
}

interface Watched extends WatchedJob {
  status: Status;
  started: boolean;
  isDone: boolean;
  readonly follows: Following[];
  /** Watches that have not ended. */
  open: number;
}

/** Follows the events, and perhaps the output, of any number of jobs. */
export class JobWatcher {
  readonly #flux: Flux;
  readonly #options: WatcherOptions;
  readonly #finished = withResolvers<void>();
  #startTime = 0;
  #open = 0;
  #isClosed = false;
  #done = 0;
  readonly #counts: Record<Status, number> = { pending: 0, running: 0, complete: 0, failed: 0 };
  #strip = false;
  #total = 0;
  /** The largest exit code of the jobs. */
  exitCode = 0;
  /** Called when something changed that a progress bar shows. */
  onProgress: () => void = () => {};

  constructor(flux: Flux, options: WatcherOptions) {
    this.#flux = flux;
    this.#options = options;
    this.#startTime = options.startTime ?? 0;
  }

  /** A progress bar is shown: keep the jobs' output from moving the cursor. */
  protectTerminal(): void {
    this.#strip = true;
  }

  /** Watch a job that was submitted at `submitTime` (seconds since the epoch). */
  add(added: WatchedJob, submitTime: number): void {
    if (this.#startTime === 0 || submitTime < this.#startTime) this.#startTime = submitTime;
    const job: Watched = {
      ...added,
      status: "pending",
      started: false,
      isDone: false,
      follows: [],
      open: 0,
    };
    this.#total++;
    this.#counts.pending++;
    this.#follow(job, eventlogPaths.main, (entry) => this.#onEvent(job, entry));
    this.onProgress();
  }

  /** No more jobs will be added: resolves when all are done. */
  async finish(): Promise<number> {
    this.#isClosed = true;
    if (this.#open === 0) this.#finished.resolve();
    await this.#finished.promise;
    return this.exitCode;
  }

  get progress(): Progress {
    const { pending, running, complete, failed } = this.#counts;
    const fraction = this.#total === 0 ? 0 : this.#done / this.#total;
    const elapsed = Math.max(0, Date.now() / 1000 - this.#startTime);
    const shown = [
      ["PD", pending],
      ["R", running],
      ["CD", complete],
      ["F", failed],
    ].map(([name, count]) => `${name}:${String(count).padEnd(3)} `);
    const percent = `${(fraction * 100).toFixed(1).padStart(5)}%`;
    const speed = `${(this.#done / Math.max(elapsed, 0.001)).toFixed(1).padStart(4)} job/s`;
    const after = `${percent} ${this.#options.jps ? speed : elapsedText(elapsed)}`;
    return { before: shown.join(""), after, fraction };
  }

  #follow(job: Watched, path: string, next: (entry: EventlogEntry) => void): void {
    this.#open++;
    job.open++;
    let isOver = false;
    const end = (error?: FluxError): void => {
      if (isOver) return;
      isOver = true;
      if (error && error.code !== "ENOENT") {
        job.stderr.line(`${this.#options.show(job.id)}: ${error.message}`);
        this.exitCode = Math.max(this.exitCode, 1);
      }
      this.#onEnd(job);
    };
    const following = followEvents(this.#flux, job.id, path, { next, end });
    job.follows.push({
      matchtag: following.matchtag,
      cancel: () => {
        following.cancel();
        end();
      },
    });
  }

  #onEnd(job: Watched): void {
    this.#open--;
    job.open--;
    if (job.open === 0) this.#setDone(job);
    if (this.#open === 0 && this.#isClosed) this.#finished.resolve();
  }

  #setDone(job: Watched): void {
    if (job.isDone) return;
    job.isDone = true;
    this.#done++;
    this.onProgress();
  }

  #setStatus(job: Watched, status: Status): void {
    this.#counts[job.status]--;
    job.status = status;
    this.#counts[status]++;
    this.onProgress();
  }

  #onEvent(job: Watched, entry: EventlogEntry): void {
    const { name, timestamp, context } = entry;
    if (timestamp < this.#startTime) this.#startTime = timestamp;
    if (this.#options.logEvents) this.#log(job, timestamp, eventText(entry));
    switch (name) {
      case "alloc":
        this.#setStatus(job, "running");
        break;
      case "start":
        this.#onStart(job);
        break;
      case "exception":
        if (context?.severity !== 0) break;
        if (!job.started) {
          this.exitCode = Math.max(this.exitCode, 1);
          this.#setStatus(job, "failed");
        }
        job.stderr.line(exceptionText(entry));
        break;
      case "finish":
        this.#onFinish(job, timestamp, Number(context?.status ?? 0));
        break;
    }
    if (name === job.waitEvent) {
      this.#setDone(job);
      job.follows[0]!.cancel();
    }
  }

  #onStart(job: Watched): void {
    job.started = true;
    const { watch } = this.#options;
    const { waitEvent } = job;
    if (!watch && !waitEvent?.startsWith("exec.")) return;
    const index = job.follows.length;
    this.#follow(job, eventlogPaths.exec, (entry) => {
      if (this.#options.logEvents) this.#log(job, entry.timestamp, `exec.${eventText(entry)}`);
      if (watch && entry.name === "shell.init") {
        this.#followOutput(job);
        if (!waitEvent?.startsWith("exec.")) job.follows[index]!.cancel();
      }
      if (waitEvent === `exec.${entry.name}`) {
        job.follows[index]!.cancel();
        job.follows[0]!.cancel();
      }
    });
  }

  #onFinish(job: Watched, timestamp: number, status: number): void {
    this.exitCode = Math.max(this.exitCode, exitCodeOf(status));
    this.#setStatus(job, status === 0 ? "complete" : "failed");
    if (this.#options.logStatus) {
      this.#log(job, timestamp, `${job.status}: status=${status}`);
    }
  }

  #followOutput(job: Watched): void {
    let header: OutputHeader | undefined;
    const { labelIo, show } = this.#options;
    this.#follow(job, eventlogPaths.output, (entry) => {
      const event = parseOutputEvent(entry, header);
      if (event?.name === "header") header = event.context;
      const found = event && outputText(event, labelIo);
      if (!found) return;
      const text = this.#strip ? found.text.replace(cursorMoves, "") : found.text;
      const labelled = labelIo ? text.replace(/^(?=.)/gm, bytewise(`${show(job.id)}: `)) : text;
      const bytes = Buffer.from(labelled, "latin1");
      (found.stream === "stderr" ? job.stderr : job.stdout).write(bytes);
    });
  }

  #log(job: Watched, timestamp: number, text: string): void {
    const elapsed = timestamp - this.#startTime;
    job.stderr.line(`${this.#options.show(job.id)}: ${elapsed.toFixed(3)}s: ${text}`);
  }
}
