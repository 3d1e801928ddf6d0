import type { JobId } from "@flux-ts/protocol/job/fluid";
import { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { parseR } from "@flux-ts/protocol/resource/resource-set-json";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JobtapCallback, JobtapFactory, JobView } from "../jobtap-plugin.ts";

/**
 * Loadable: a watch over the scheduler. A job that is given what another one has gets a fatal exception. Jobs
 * that had resources when the plugin was loaded are not known to it.
 */
export const allocCheck: JobtapFactory = (api) => {
  let allocated = ResourceSet.of([]);
  const byJob = new Map<JobId, ResourceSet>();

  function onAlloc({ id, R }: JobView): void {
    if (!R) return;
    const resources = parseR(R);
    try {
      allocated.append(resources);
      byJob.set(id, resources);
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
      const note = "resources already allocated";
      api.raise(id, { type: "alloc-check", severity: 0, note });
    }
  }

  function onFree(id: JobId): void {
    const resources = byJob.get(id);
    if (!resources) return;
    byJob.delete(id);
    allocated = allocated.diff(resources);
  }

  return {
    callbacks: new Map<string, JobtapCallback>([
      ["job.new", ({ id }) => api.subscribe(id)],
      ["job.event.alloc", onAlloc],
      ["job.event.free", ({ id }) => onFree(id)],
      [
        "job.event.exception",
        ({ id }, { entry }) => {
          // The scheduler could not take the allocation over: there will be no free event.
          const { type, severity } = entry?.context ?? {};
          if (type === "scheduler-restart" && severity === 0) onFree(id);
        },
      ],
      ["job.destroy", ({ id }) => void byJob.delete(id)],
    ]),
  };
};
