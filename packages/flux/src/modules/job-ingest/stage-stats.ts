import type { JsonObject } from "@flux-ts/protocol/schema/json";

/** Most external workers of a stage. */
export const maxWorkers = 4;

/** Counts of one stage of the pipeline, in the form of `job-ingest.stats-get`. */
export class StageStats {
  requests = 0;
  errors = 0;

  /** Run a stage and count it if it refuses. */
  counted<T>(run: () => T | Promise<T>): T | Promise<T> {
    const count = (error: unknown): never => {
      this.errors++;
      throw error;
    };
    try {
      const result = run();
      return result instanceof Promise ? result.catch(count) : result;
    } catch (error) {
      return count(error);
    }
  }

  /** `workers`: what the external workers add to it. */
  toJson(workers: { running: number; backlog: number; trash: number; pids: number[] }): JsonObject {
    const pids = Array.from({ length: maxWorkers }, (_, index) => workers.pids[index] ?? 0);
    return {
      running: workers.running,
      requests: this.requests,
      errors: this.errors,
      trash: workers.trash,
      backlog: workers.backlog,
      pids,
    };
  }
}
