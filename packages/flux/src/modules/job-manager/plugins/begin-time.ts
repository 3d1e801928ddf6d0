import type { JobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JobtapFactory } from "../jobtap-plugin.ts";

/** Dependency scheme begin-time (RFC 26): a job is not scheduled before a time. */
export const beginTime: JobtapFactory = (api) => {
  const cancels = new Map<JobId, () => void>();

  function hold(id: JobId, value: string): void {
    const seconds = Number(value);
    if (value.trim() === "" || !Number.isFinite(seconds) || seconds < 0) {
      throw new FluxError("EINVAL", `Invalid begin-time=${value}`);
    }
    const description = `begin-time=${seconds.toFixed(3)}`;
    if (api.wasDependencyMet(id, description)) return;
    api.addDependency(id, description);
    const release = (): void => {
      cancels.delete(id);
      api.removeDependency(id, description);
    };
    cancels.set(id, api.at(seconds, release));
  }

  function forget(id: JobId): void {
    cancels.get(id)?.();
    cancels.delete(id);
  }

  return {
    callbacks: new Map([
      ["job.dependency.begin-time", ({ id }, { dependency }) => hold(id, `${dependency?.value}`)],
      ["job.state.cleanup", ({ id }) => forget(id)],
      ["job.destroy", ({ id }) => forget(id)],
    ]),
  };
};
