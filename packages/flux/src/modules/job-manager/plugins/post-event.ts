import type { RequestOf } from "@flux-ts/protocol/rpc/method";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { effectMethod } from "../effect.ts";
import type { JobtapFactory, JobtapService } from "../jobtap-plugin.ts";

/** `job-manager.post-event.post`: any event, by hand. */
export const postEvent: JobtapFactory = (api) => {
  const handler: JobtapService = (args) => {
    const { id, name, context } = args as RequestOf<typeof jobManager.postEvent>;
    api.postEvent(id, name, context);
  };
  return {
    callbacks: new Map(),
    services: [{ method: effectMethod(jobManager.postEvent), handler }],
  };
};
