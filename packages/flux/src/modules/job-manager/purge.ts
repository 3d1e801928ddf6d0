import type { JobId } from "@flux-ts/protocol/job/fluid";
import { JobState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { RequestOf } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { jobManager } from "@flux-ts/protocol/services/job-manager";
import { parseDuration } from "@flux-ts/protocol/text/duration";
import { Job } from "./job.ts";
import type { Manager } from "./manager.ts";

/** Most jobs that one commit removes. */
export const maxPurgeBatch = 100;

/** Which inactive jobs are kept; undefined: no limit. */
export interface PurgeLimits {
  readonly ageSeconds?: number | undefined;
  readonly count?: number | undefined;
}

/** Jobs to remove from the KVS, and whether the checkpoint has to remember the largest job id. */
interface Purged {
  readonly ids: readonly JobId[];
  readonly wasLargest: boolean;
}

/** Limits of a `job-manager.purge` request: EINVAL. */
export function purgeLimits(args: RequestOf<(typeof jobManager)["purge"]>): PurgeLimits {
  const { age_limit, num_limit, batch } = args;
  if (age_limit !== -1 && age_limit < 0) {
    throw new FluxError("EINVAL", "if set, age limit must be >= 0");
  }
  if (num_limit !== -1 && num_limit < 0) {
    throw new FluxError("EINVAL", "if set, num limit must be >= 0");
  }
  if (batch < 1 || batch > maxPurgeBatch) {
    throw new FluxError("EINVAL", `batch must be >= 1 and <= ${maxPurgeBatch}`);
  }
  return {
    ageSeconds: age_limit === -1 ? undefined : age_limit,
    count: num_limit === -1 ? undefined : num_limit,
  };
}

/** Limits in the `job-manager` table of the configuration: EINVAL. */
export function configuredLimits(table: JsonObject): PurgeLimits {
  const age = table["inactive-age-limit"];
  const count = table["inactive-num-limit"];
  if (count !== undefined && (!Number.isInteger(count) || (count as number) < 0)) {
    throw new FluxError("EINVAL", "job-manager.inactive-num-limit: must be >= 0");
  }
  return { ageSeconds: ageLimit(age), count: count as number | undefined };
}

function ageLimit(age: unknown): number | undefined {
  if (age === undefined) return undefined;
  const text = "job-manager.inactive-age-limit: invalid FSD";
  if (typeof age !== "string") throw new FluxError("EINVAL", text);
  try {
    return parseDuration(age);
  } catch (cause) {
    throw new FluxError("EINVAL", text, { cause });
  }
}

/** Inactive jobs that exceed a limit, the oldest first. */
export function* purgeable(
  { jobs, now }: Manager,
  { ageSeconds, count }: PurgeLimits,
): IterableIterator<JobId> {
  let left = jobs.inactive.size;
  for (const id of jobs.inactive.byAge()) {
    const isOld = ageSeconds !== undefined && now - jobs.inactive.tClean(id) > ageSeconds;
    const isSurplus = count !== undefined && left > count;
    if (!isOld && !isSurplus) return;
    left--;
    yield id;
  }
}

/** Forget jobs that exceed a limit, at most `max`. */
export function purge(manager: Manager, limits: PurgeLimits, max: number): Purged {
  const ids: JobId[] = [];
  for (const id of purgeable(manager, limits)) {
    if (ids.length === max) break;
    ids.push(id);
  }
  return forget(manager, ids);
}

/** An inactive job: ENOENT if it is not known, EINVAL if it is active. */
export function checkPurge({ jobs }: Manager, id: JobId): void {
  if (jobs.inactive.has(id)) return;
  if (jobs.active.has(id)) throw new FluxError("EINVAL", "cannot purge active job");
  throw new FluxError("ENOENT", "id not found");
}

export function forget(manager: Manager, ids: readonly JobId[]): Purged {
  const { effects, jobs, jobtap } = manager;
  for (const id of ids) {
    const { userid, tSubmit } = jobs.inactive.get(id)!;
    const job = Object.assign(new Job(id, {}), { userid, tSubmit, state: JobState.INACTIVE });
    jobtap.call("job.inactive-remove", job);
    jobs.inactive.delete(id);
  }
  if (ids.length > 0) {
    const payload = { jobs: [...ids] };
    effects.push({ do: "publish", topic: "job-purge-inactive", payload, isPrivate: false });
  }
  return { ids, wasLargest: ids.includes(jobs.maxId) };
}
