import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";
import { jobInfo } from "@flux-ts/protocol/services/job-info";
import { LogLevel } from "./log-level.ts";
import type { Shell } from "./shell.ts";

/** Follow updates of the job's R, such as of its expiration. Returns what ends that. */
export function watchResources(shell: Shell, onUpdate: (R: JsonObject) => void): () => void {
  // The first response is R as it is.
  let isFirst = true;
  const watch = shell.site.flux.follow(
    jobInfo.updateWatch,
    {
      next: ({ R }) => {
        if (!isFirst && isJsonObject(R)) onUpdate(R);
        isFirst = false;
      },
      end: (error) => {
        if (error) shell.log(LogLevel.Error, `error getting R: ${error.message}`);
      },
    },
    { id: shell.job.id, key: "R", flags: 0 },
    { cancel: jobInfo.updateWatchCancel },
  );
  return () => watch.cancel();
}
