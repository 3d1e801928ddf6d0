import type { JobId } from "@flux-ts/protocol/job/fluid";
import type { RequestOf } from "@flux-ts/protocol/rpc/method";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { effectMethod } from "../effect.ts";
import type { JobtapFactory, JobtapService, JobView } from "../jobtap-plugin.ts";
import { sliceOf } from "../slice.ts";

/** Job ids of one user by time of submission, the oldest first. */
class UserHistory {
  readonly ids: JobId[] = [];
  readonly #times: number[] = [];

  add({ id, tSubmit }: JobView): void {
    const at = this.#after(tSubmit);
    // Jobs that become inactive are there already, as new ones.
    for (let before = at - 1; before >= 0 && this.#times[before] === tSubmit; before--) {
      if (this.ids[before] === id) return;
    }
    this.ids.splice(at, 0, id);
    this.#times.splice(at, 0, tSubmit);
  }

  delete({ id, tSubmit }: JobView): void {
    for (let at = this.#after(tSubmit) - 1; at >= 0 && this.#times[at] === tSubmit; at--) {
      if (this.ids[at] !== id) continue;
      this.ids.splice(at, 1);
      this.#times.splice(at, 1);
      return;
    }
  }

  /** Index of the first job that was submitted later. */
  #after(tSubmit: number): number {
    let low = 0;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#times[middle]! <= tSubmit) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** `job-manager.history.get`: the jobs of a user, newest first. */
export const history: JobtapFactory = () => {
  const users = new Map<number, UserHistory>();

  function add(job: JobView): void {
    let user = users.get(job.userid);
    if (!user) {
      user = new UserHistory();
      users.set(job.userid, user);
    }
    user.add(job);
  }

  function remove(job: JobView): void {
    const user = users.get(job.userid);
    user?.delete(job);
    if (user?.ids.length === 0) users.delete(job.userid);
  }

  const get: JobtapService = (args, { userid }) => {
    const { slice } = args as RequestOf<typeof jobManager.historyGet>;
    return { jobs: sliceOf((users.get(userid)?.ids ?? []).toReversed(), slice) };
  };

  return {
    callbacks: new Map([
      ["job.new", add],
      ["job.inactive-add", add],
      ["job.inactive-remove", remove],
    ]),
    services: [{ method: effectMethod(jobManager.historyGet), handler: get }],
  };
};
