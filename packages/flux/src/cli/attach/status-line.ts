import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";

/** What a job is waiting for, told by its events. Pure: the driver shows it and asks for the queue. */
export class JobProgressText {
  #text = "";
  #prologs = 0;
  #isFatal = false;
  /** Queue of the job, if it is known to be stopped. */
  stoppedQueue: string | undefined;
  /** The job's queue was changed: ask again. */
  isQueueStale = true;

  onEvent({ name, context }: EventlogEntry): void {
    switch (name) {
      case "submit":
        this.#text = "submitted";
        return;
      case "validate":
        this.#text = "resolving dependencies";
        return;
      case "depend":
        this.#text = "waiting for priority assignment";
        return;
      case "priority":
        this.#text = "waiting for resources";
        return;
      case "alloc":
        this.#text = "starting";
        return;
      case "prolog-start":
        this.#prologs++;
        this.#text = "waiting for prolog";
        return;
      case "prolog-finish":
        this.#prologs--;
        this.#text = this.#prologs > 0 ? "waiting for prolog" : "starting";
        return;
      case "exception":
        if (context?.severity !== 0) return;
        this.#isFatal = true;
        this.#text = "canceling due to exception";
        return;
      case "start":
        this.#text = "started";
        return;
      case "jobspec-update":
        this.isQueueStale = true;
        this.stoppedQueue = undefined;
        return;
    }
  }

  get waitsForResources(): boolean {
    return this.#text === "waiting for resources";
  }

  get isFatal(): boolean {
    return this.#isFatal;
  }

  get text(): string {
    const stopped = this.waitsForResources && this.stoppedQueue !== undefined;
    return stopped ? `${this.#text} (${this.stoppedQueue} queue stopped)` : this.#text;
  }
}

/** The status line: what the job does at the left, for how long at the right. */
export function statusLine(job: string, text: string, seconds: number, columns: number): string {
  const two = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  const whole = Math.max(0, Math.floor(seconds));
  const clock = `${two(whole / 3600)}:${two((whole / 60) % 60)}:${two(whole % 60)}`;
  const width = columns - 10 - Buffer.byteLength(job) - 10;
  return `flux-job: ${job} ${text.padEnd(Math.max(0, width))} ${clock}`;
}
