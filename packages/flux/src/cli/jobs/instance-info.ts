import { connect } from "@flux-ts/client/connect";
import { nearbyUri } from "@flux-ts/client/nearby-uri";
import {
  type SchedulerResources,
  schedulerResources,
} from "../commands/queue/scheduler-resources.ts";
import type { FieldValue } from "../output/format-value.ts";
import { type JobStats, jobStats } from "./job-stats.ts";

const counts = ["nnodes", "ncores", "ngpus"] as const;

/** What a job that is a Flux instance says of itself. */
export class InstanceInfo {
  readonly #stats: JobStats;
  readonly #resources: SchedulerResources;

  private constructor(stats: JobStats, resources: SchedulerResources) {
    this.#stats = stats;
    this.#resources = resources;
  }

  /** Ask the instance; undefined if it cannot be reached. */
  static async of(uri: string): Promise<InstanceInfo | undefined> {
    try {
      await using flux = await connect(nearbyUri(uri));
      const [stats, resources] = await Promise.all([jobStats(flux), schedulerResources(flux)]);
      return new InstanceInfo(stats, resources);
    } catch {
      // It may have just ended, or belong to somebody else: its columns stay empty.
      return undefined;
    }
  }

  field([first, ...rest]: readonly string[]): FieldValue {
    const { allocated, all } = this.#resources;
    switch (first) {
      case "utilization":
        return all.count("core") ? allocated.count("core") / all.count("core") : "";
      case "gpu_utilization":
        return all.count("gpu") ? allocated.count("gpu") / all.count("gpu") : "";
      case "progress":
        return this.#stats.total === 0 ? "" : this.#stats.inactive / this.#stats.total;
      case "stats":
        return this.#statsField(rest);
      case "resources":
        return this.#resourceField(rest);
      default:
        return "";
    }
  }

  #statsField([name]: readonly string[]): FieldValue {
    const { pending, running, successful, failed } = this.#stats;
    if (name === undefined) return `PD:${pending} R:${running} CD:${successful} F:${failed}`;
    return this.#stats[name as keyof JobStats] ?? "";
  }

  #resourceField([state, what]: readonly string[]): FieldValue {
    const set = this.#resources[state as keyof SchedulerResources];
    if (!set || !counts.includes(what as (typeof counts)[number])) return "";
    if (what === "nnodes") return set.nnodes;
    return set.count(what === "ncores" ? "core" : "gpu");
  }
}
