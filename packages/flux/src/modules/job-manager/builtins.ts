import type { JobtapFactory } from "./jobtap-plugin.ts";
import { allocBypass } from "./plugins/alloc-bypass.ts";
import { allocCheck } from "./plugins/alloc-check.ts";
import { beginTime } from "./plugins/begin-time.ts";
import { dependencyAfter } from "./plugins/dependency-after.ts";
import { dependencySingleton } from "./plugins/dependency-singleton.ts";
import { history } from "./plugins/history.ts";
import { limitDuration } from "./plugins/limit-duration.ts";
import { limitJobSize } from "./plugins/limit-job-size.ts";
import { perilog } from "./plugins/perilog.ts";
import { postEvent } from "./plugins/post-event.ts";
import { priorityDefault } from "./plugins/priority-default.ts";
import { submitHold } from "./plugins/submit-hold.ts";
import { updateDuration } from "./plugins/update-duration.ts";
import { updateQueue } from "./plugins/update-queue.ts";
import { validateDuration } from "./plugins/validate-duration.ts";
import type { Queues } from "./queues.ts";

export interface BuiltinOptions {
  readonly queues: Queues;
  /** When the instance ends, in seconds since the epoch; 0: it does not. */
  readonly expiration: () => number;
}

/** The plugins that come with the job manager, in the order they are loaded. */
export function builtins({ queues, expiration }: BuiltinOptions): Map<string, JobtapFactory> {
  return new Map([
    [".priority-default", priorityDefault],
    [".limit-job-size", limitJobSize],
    [".limit-duration", limitDuration],
    [".dependency-after", dependencyAfter],
    [".dependency-singleton", dependencySingleton],
    [".begin-time", beginTime],
    [".validate-duration", validateDuration(expiration)],
    [".update-duration", updateDuration],
    [".history", history],
    [".post-event", postEvent],
    [".update-queue", updateQueue(queues)],
  ]);
}

/** Plugins that are loaded when the configuration or somebody asks for them, by name. */
export const loadable: ReadonlyMap<string, JobtapFactory> = new Map([
  ["alloc-bypass", allocBypass],
  ["alloc-check", allocCheck],
  ["perilog", perilog],
  ["submit-hold", submitHold],
]);
