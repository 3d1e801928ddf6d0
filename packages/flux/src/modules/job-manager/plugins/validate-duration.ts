import { dottedValue } from "@flux-ts/protocol/job/dotted-path";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { formatDuration } from "@flux-ts/protocol/text/duration";
import type { JobtapFactory } from "../jobtap-plugin.ts";

/**
 * Refuses jobs that would outlast the instance. `expiration`: when the instance ends, in seconds since the
 * epoch; 0 if it does not.
 */
export function validateDuration(expiration: () => number): JobtapFactory {
  return (api) => {
    function validate(jobspec: JsonObject): void {
      const end = expiration();
      const duration = dottedValue(jobspec, "attributes.system.duration");
      if (end <= 0 || typeof duration !== "number" || duration <= 0) return;
      const remaining = end - api.now;
      if (duration <= remaining) return;
      const given = formatDuration(duration, 2);
      const left = formatDuration(Math.max(remaining, 0), 2);
      throw new FluxError(
        "EINVAL",
        `job duration (${given}) exceeds remaining instance lifetime (${left})`,
      );
    }
    return {
      callbacks: new Map([["job.validate", (job, { jobspec = job.jobspec }) => validate(jobspec)]]),
    };
  };
}
