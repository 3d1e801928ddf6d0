import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { jobList } from "@flux-ts/protocol/services/job-list";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import type { AttachOptions, AttachSurroundings } from "./attach.ts";
import { JobProgressText, statusLine } from "./status-line.ts";

/** A job that started before this needs no status line. */
const patienceMs = 2000;
const tickMs = 1000;

/** Shows on a terminal what a job waits for, until it starts. */
export class StatusDisplay {
  readonly #near: AttachSurroundings;
  readonly #id: JobId;
  readonly #shownAs: string;
  readonly #checkSeconds: number;
  readonly #text = new JobProgressText();
  #timer: NodeJS.Timeout | undefined;
  #isShown = false;
  #zero = 0;
  #queue: string | undefined;
  #checkedAt = Number.NEGATIVE_INFINITY;

  constructor(near: AttachSurroundings, id: JobId, shownAs: string, options: AttachOptions) {
    this.#near = near;
    this.#id = id;
    this.#shownAs = shownAs;
    this.#checkSeconds = options.queueCheckInterval;
    if (!isWanted(near, options)) return;
    this.#isShown = options.showStatus;
    this.#timer = setTimeout(
      () => {
        this.#isShown = true;
        this.#show();
        this.#timer = setInterval(() => this.#show(), tickMs);
      },
      options.showStatus ? 0 : patienceMs,
    );
  }

  onEvent(entry: EventlogEntry, zero: number): void {
    this.#zero = zero;
    if (!this.#text.isFatal) {
      this.#text.onEvent(entry);
      if (this.#isShown) this.#show(entry.timestamp);
    }
    if (entry.name === "start" || entry.name === "clean") this.stop();
  }

  /** Make room for a message. */
  clear(): void {
    if (this.#isShown) this.#near.err.write("\r\x1b[K");
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#near.err.write("\n");
  }

  #show(now = Date.now() / 1000): void {
    if (this.#text.text === "" || this.#text.isFatal) return;
    if (this.#text.waitsForResources) this.#checkQueue(now);
    const { err } = this.#near;
    const line = statusLine(this.#shownAs, this.#text.text, now - this.#zero, err.columns);
    err.write(`\r${line}\r`);
  }

  #checkQueue(now: number): void {
    if (now - this.#checkedAt < this.#checkSeconds && !this.#text.isQueueStale) return;
    this.#checkedAt = now;
    this.#askForQueue().catch(() => {
      // Without an answer the line just does not mention the queue.
    });
  }

  async #askForQueue(): Promise<void> {
    const { flux } = this.#near;
    if (this.#queue === undefined || this.#text.isQueueStale) {
      const { job } = await flux.call(jobList.listId, { id: this.#id, attrs: ["queue"] });
      this.#queue = job.queue ?? "default";
      this.#text.isQueueStale = false;
    }
    const request = this.#queue === "default" ? {} : { name: this.#queue };
    const { start } = await flux.call(jobManager.queueStatus, request, { nodeid: 0 });
    this.#text.stoppedQueue = start ? undefined : this.#queue;
  }
}

function isWanted(
  { stdin, out, err, env }: AttachSurroundings,
  { showStatus, showEvents }: AttachOptions,
): boolean {
  if (env.FLUX_ATTACH_NONINTERACTIVE !== undefined) return false;
  if (showStatus) return true;
  return !showEvents && stdin.isTerminal && out.isTerminal && err.isTerminal;
}
