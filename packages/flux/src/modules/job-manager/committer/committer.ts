import type { Batch } from "../batch.ts";

interface CommitterOptions {
  /** What there is to commit, if anything. */
  readonly take: () => Batch | undefined;
  readonly commit: (batch: Batch) => Promise<void>;
  readonly onCommitted: (batch: Batch) => void;
  /** A commit failed: what was promised cannot be kept. */
  readonly onFailed: (error: unknown) => void;
}

/** A batch of this many events says that there is much to do, so that larger ones pay. */
const busyEvents = 32;
/** How long a batch is then collected at least. */
const busyDelayMs = 4;

/**
 * Commits batches one after the other. When little happens, a batch is committed in the turn it was begun,
 * so that nobody waits; under load batches grow while the previous one is on its way.
 */
export class Committer {
  readonly #options: CommitterOptions;
  #isScheduled = false;
  #inFlight: Promise<void> | undefined;
  #lastEvents = 0;
  /** Fixed delay, for tests of what readers see in between. */
  fixedDelayMs: number | undefined;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** There may be something to commit. */
  poke(): void {
    if (this.#isScheduled || this.#inFlight) return;
    this.#isScheduled = true;
    const delay = this.fixedDelayMs ?? (this.#lastEvents >= busyEvents ? busyDelayMs : 0);
    if (delay > 0) setTimeout(this.#run, delay);
    else setImmediate(this.#run);
  }

  /** Resolves when everything up to now is committed. */
  async flush(): Promise<void> {
    await this.#inFlight;
    this.#start();
    await this.#inFlight;
  }

  readonly #run = (): void => {
    this.#isScheduled = false;
    this.#start();
  };

  #start(): void {
    if (this.#inFlight) return;
    const batch = this.#options.take();
    if (!batch) return;
    this.#lastEvents = batch.events;
    this.#inFlight = this.#commit(batch);
  }

  async #commit(batch: Batch): Promise<void> {
    try {
      await (batch.lines.size > 0 ? this.#options.commit(batch) : undefined);
    } catch (error) {
      this.#options.onFailed(error);
      return;
    }
    this.#inFlight = undefined;
    this.#options.onCommitted(batch);
    this.poke();
  }
}
