import { Urgency } from "@flux-ts/protocol/job/urgency";
import type { JobtapFactory } from "../jobtap-plugin.ts";

/** Loadable: every job is held until somebody gives it another urgency. */
export const submitHold: JobtapFactory = (api) => ({
  callbacks: new Map([
    [
      "job.state.depend",
      ({ id, urgency }) => {
        if (urgency === Urgency.HOLD) return;
        api.postEvent(id, "urgency", { userid: api.owner, urgency: Urgency.HOLD });
      },
    ],
  ]),
});
