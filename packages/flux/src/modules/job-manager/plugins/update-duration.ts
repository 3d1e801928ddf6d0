import { JobState } from "@flux-ts/protocol/job/states";
import { isOwner } from "@flux-ts/protocol/message/credential";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JobtapArgs, JobtapFactory, JobtapResult, JobView } from "../jobtap-plugin.ts";

/**
 * Lets the duration of jobs be updated: of running jobs by the instance owner, who may also exceed the
 * limits that guests have (unless the plugin is loaded with owner-allow-any=0).
 */
export const updateDuration: JobtapFactory = (_api, conf) => {
  const ownerMayAll = conf["owner-allow-any"] !== 0;

  function update({ state }: JobView, { value, cred }: JobtapArgs): JobtapResult | undefined {
    if (typeof value !== "number") throw new FluxError("EINVAL", "duration must be a number");
    if (value < 0) throw new FluxError("EINVAL", "duration must not be negative");
    const mayAll = ownerMayAll && cred !== undefined && isOwner(cred);
    const isRunning = state === JobState.RUN || state === JobState.CLEANUP;
    if (isRunning && !mayAll) {
      const text = "duration update of running job requires instance owner privileges";
      throw new FluxError("EINVAL", text);
    }
    return mayAll ? { validated: true } : undefined;
  }

  return {
    callbacks: new Map([["job.update.attributes.system.duration", update]]),
  };
};
