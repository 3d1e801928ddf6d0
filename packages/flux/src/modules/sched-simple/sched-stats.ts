import type { JsonObject } from "@flux-ts/protocol/schema/json";

/** Weight of the newest sample in the averages. */
const alpha = 0.25;

/** What `sched-simple.stats-get` shows of the passes. Times are seconds. */
export class SchedStats {
  #schedPasses = 0;
  #forecastPasses = 0;
  #duration = 0;
  #interval = 0;
  #lastRequest: number | undefined;

  /** A pass was asked for at `now`, on any clock that only goes forward. */
  onRequest(now: number): void {
    if (this.#lastRequest !== undefined) {
      this.#interval = average(this.#interval, now - this.#lastRequest);
    }
    this.#lastRequest = now;
  }

  onPass(duration: number): void {
    this.#schedPasses++;
    this.#duration = average(this.#duration, duration);
  }

  onForecast(): void {
    this.#forecastPasses++;
  }

  clear(): void {
    this.#schedPasses = 0;
    this.#forecastPasses = 0;
    this.#duration = 0;
    this.#interval = 0;
    this.#lastRequest = undefined;
  }

  /** Passes here never yield and are never delayed; flux-core's tools read the keys all the same. */
  toJson(pendingJobs: number): JsonObject {
    return {
      sched_passes: this.#schedPasses,
      sched_yields: 0,
      forecast_passes: this.#forecastPasses,
      forecast_yields: 0,
      sched_delay: 0,
      sched_duration_ewma: this.#duration,
      sched_interval_ewma: this.#interval,
      pending_jobs: pendingJobs,
    };
  }
}

function average(old: number, sample: number): number {
  return alpha * sample + (1 - alpha) * old;
}
