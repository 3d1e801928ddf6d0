import type { Flux } from "@flux-ts/client/handle";
import { encodeEntry } from "@flux-ts/protocol/job/eventlog";
import { val } from "@flux-ts/protocol/kvs/treeobj";
import { encodeUtf8 } from "@flux-ts/protocol/message/text";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import type { Json, JsonObject } from "@flux-ts/protocol/schema/json";
import { KvsFlag, kvs } from "@flux-ts/protocol/services/kvs";

/** Event logs in a job's guest namespace: of its execution (RFC 50) and its I/O (RFC 24). */
export type GuestLogName = "exec.eventlog" | "output" | "input";

export interface GuestLogOptions {
  readonly namespace: string;
  /**
   * How long the first events are gathered before they are committed; a short job is over by then.
   */
  readonly firstBatchMs: () => number;
  /** Runs before anything becomes visible that is not the end of the job. */
  readonly beforeFirstCommit: () => Promise<void>;
  /** Too much waits to be written (true), or no more so (false). */
  readonly onPressure: (high: boolean) => void;
  readonly onError: (error: Error) => void;
}

/**
 * Later events are gathered this long at first, and at most; the longer the more often they come.
 */
const paceMs = { least: 10, most: 500 };
/** Text that may wait before writers are asked to stop, and when they may go on. */
const highMark = 8_388_608;
const lowMark = 1_048_576;

/**
 * Writes the event logs of a job: many events, of all logs, in one commit, one commit at a time.
 */
export class GuestLog {
  readonly #flux: Flux;
  readonly #options: GuestLogOptions;
  readonly #pending = new Map<GuestLogName, string>();
  #pendingLength = 0;
  #timer: NodeJS.Timeout | undefined;
  #committing: Promise<void> | undefined;
  #announced = false;
  #hasCommitted = false;
  #isOver = false;
  #pressed = false;
  #paceMs = paceMs.least;
  #mostMs = paceMs.most;
  #lastCommit = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(flux: Flux, options: GuestLogOptions) {
    this.#flux = flux;
    this.#options = options;
  }

  /** After the end of the job nothing is written any more. */
  append(log: GuestLogName, name: string, context?: JsonObject): void {
    if (this.#isOver) return;
    const timestamp = Date.now() / 1000;
    const line = encodeEntry(context ? { timestamp, name, context } : { timestamp, name });
    this.#pending.set(log, (this.#pending.get(log) ?? "") + line);
    this.#pendingLength += line.length;
    if (!this.#committing) this.#schedule();
    if (this.#pendingLength > highMark) this.#press(true);
  }

  /** Gather events no longer than this. */
  limitBatch(seconds: number): void {
    this.#mostMs = Math.min(this.#mostMs, seconds * 1000);
  }

  /** Resolves at once, or when writers may go on. */
  whenLow(): Promise<void> {
    if (!this.#pressed) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Resolves when everything appended before is written. `last`: the job is over. */
  async flush(last = false): Promise<void> {
    if (last) {
      this.#announced = true;
      this.#isOver = true;
    }
    while (this.#committing || this.#pending.size > 0) {
      if (!this.#committing) this.#start();
      await this.#committing;
    }
  }

  /**
   * At the end: what waits to be written, by log, if nothing ever was; then the caller keeps it.
   */
  take(): Record<string, string> | undefined {
    if (this.#hasCommitted || this.#pending.size === 0) return undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const logs = Object.fromEntries(this.#pending);
    this.#pending.clear();
    return logs;
  }

  #schedule(): void {
    if (this.#timer) return;
    const wantedMs = this.#hasCommitted ? this.#pace() : this.#options.firstBatchMs();
    const delayMs = Math.min(wantedMs, this.#mostMs);
    this.#timer = setTimeout(() => {
      if (!this.#committing) this.#start();
    }, delayMs);
  }

  /**
   * A line now and then is seen at once; of those who write all the time, fewer and larger commits
   * are made, since each of them grows the KVS.
   */
  #pace(): number {
    const isFrequent = performance.now() - this.#lastCommit < 4 * this.#paceMs;
    const next = isFrequent ? this.#paceMs * 2 : paceMs.least;
    this.#paceMs = Math.min(next, paceMs.most);
    return this.#paceMs;
  }

  #start(): void {
    this.#hasCommitted = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#committing = this.#commit().finally(() => {
      this.#committing = undefined;
      if (this.#pending.size > 0) this.#schedule();
    });
  }

  async #commit(): Promise<void> {
    try {
      if (!this.#announced) {
        this.#announced = true;
        await this.#options.beforeFirstCommit();
      }
      const ops = [...this.#pending].map(([key, text]) => ({
        key,
        flags: KvsFlag.Append,
        dirent: val(encodeUtf8(text)) as unknown as Json,
      }));
      this.#pending.clear();
      this.#pendingLength = 0;
      await this.#flux.call(kvs.commit, { namespace: this.#options.namespace, flags: 0, ops });
    } catch (error) {
      // Without its namespace the job is gone, and so is whoever could read the log.
      if (!isErrno(error, "ENOTSUP")) this.#options.onError(error as Error);
    }
    this.#lastCommit = performance.now();
    if (this.#pendingLength < lowMark) this.#press(false);
  }

  #press(high: boolean): void {
    if (high === this.#pressed) return;
    this.#pressed = high;
    this.#options.onPressure(high);
    if (!high) for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
