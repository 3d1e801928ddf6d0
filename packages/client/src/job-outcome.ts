import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import { JobResult, resultOf } from "@flux-ts/protocol/job/states";
import { exitCodeOf } from "@flux-ts/protocol/job/wait-status";

/** An exception event (RFC 21). */
export interface JobException {
  readonly type: string;
  readonly severity: number;
  readonly note: string;
  readonly userid?: number;
}

/** What a job's main eventlog says of its course and end. Feed it the events in order. */
export class JobOutcome {
  /** Seconds since the epoch; undefined until it happened. */
  submitTime: number | undefined;
  runTime: number | undefined;
  finishTime: number | undefined;
  cleanTime: number | undefined;
  /** wait(2) status of the finish event. */
  waitStatus: number | undefined;
  /** The first exception of severity 0: what ended the job. */
  fatalException: JobException | undefined;
  /** The most severe exception; of several, the first. */
  worstException: JobException | undefined;
  started = false;

  onEvent({ name, timestamp, context }: EventlogEntry): void {
    switch (name) {
      case "submit":
        this.submitTime = timestamp;
        return;
      case "alloc":
        this.runTime = timestamp;
        return;
      case "start":
        this.started = true;
        return;
      case "finish":
        this.finishTime = timestamp;
        this.waitStatus = Number(context?.status ?? 0);
        return;
      case "clean":
        this.cleanTime = timestamp;
        return;
      case "exception": {
        const exception: JobException = {
          type: String(context?.type ?? ""),
          severity: Number(context?.severity ?? 0),
          note: String(context?.note ?? ""),
          ...(typeof context?.userid === "number" && { userid: context.userid }),
        };
        const worst = this.worstException?.severity ?? Number.POSITIVE_INFINITY;
        if (exception.severity < worst) this.worstException = exception;
        if (exception.severity === 0) this.fatalException ??= exception;
        return;
      }
    }
  }

  /** COMPLETED, FAILED, CANCELED or TIMEOUT; undefined while the job is active. */
  get result(): JobResult | undefined {
    if (this.cleanTime === undefined) return undefined;
    return resultOf(this.waitStatus, this.fatalException);
  }

  get succeeded(): boolean {
    return this.result === JobResult.COMPLETED;
  }

  /** As a shell would say it: 128+N for a signal, 1 for a job that never ran; undefined while it runs. */
  get exitCode(): number | undefined {
    if (this.waitStatus !== undefined) return exitCodeOf(this.waitStatus);
    return this.fatalException ? 1 : undefined;
  }
}
