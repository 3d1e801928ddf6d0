import type { JobId } from "@flux-ts/protocol/job/fluid";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { Manager } from "./manager.ts";

/**
 * What happens to the resources of a job between its end and the scheduler. Nothing is configured to be
 * done with them here: they are free at once.
 */
export class Housekeeping {
  readonly #manager: Manager;

  constructor(manager: Manager) {
    this.#manager = manager;
  }

  start(id: JobId, _userid: number, R: JsonObject): void {
    this.#manager.alloc.free(id, R, true);
  }

  /** Its part of `job-manager.stats-get`. */
  stats(): JsonObject {
    return { running: {}, config: { "release-after": -1, command: "" } };
  }
}
