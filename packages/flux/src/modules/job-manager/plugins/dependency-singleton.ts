import { dottedValue } from "@flux-ts/protocol/job/dotted-path";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { JobtapFactory, JobView } from "../jobtap-plugin.ts";

const description = "singleton";

/** Active jobs of one user with one name, and those among them that wait for the others to end. */
interface Namesakes {
  active: number;
  readonly waiting: Set<JobId>;
}

/**
 * Dependency scheme singleton: of the jobs of a user with the same name, one at a time. A waiting job goes
 * on when only waiting ones are left.
 */
export const dependencySingleton: JobtapFactory = (api) => {
  const groups = new Map<string, Namesakes>();

  function keyOf({ jobspec, userid }: JobView): string | undefined {
    const name = dottedValue(jobspec, "attributes.system.job.name");
    return typeof name === "string" ? `${userid}:${name}` : undefined;
  }

  function hold(job: JobView): void {
    const key = keyOf(job);
    if (key === undefined) throw new FluxError("EINVAL", "singleton jobs require a job name");
    const group = groups.get(key);
    // The job itself is counted when it is accepted.
    if (!group || api.wasDependencyMet(job.id, description)) return;
    api.addDependency(job.id, description);
    group.waiting.add(job.id);
  }

  function onNew(job: JobView): void {
    const key = keyOf(job);
    if (key === undefined) return;
    const group = groups.get(key) ?? { active: 0, waiting: new Set<JobId>() };
    groups.set(key, group);
    group.active++;
    releaseNext(group);
  }

  function onInactive(job: JobView): void {
    const key = keyOf(job);
    const group = key === undefined ? undefined : groups.get(key);
    if (key === undefined || !group) return;
    group.active--;
    group.waiting.delete(job.id);
    releaseNext(group);
    if (group.active <= 0) groups.delete(key);
  }

  function releaseNext(group: Namesakes): void {
    if (group.active !== group.waiting.size) return;
    const [id] = group.waiting;
    if (id === undefined) return;
    group.waiting.delete(id);
    try {
      api.removeDependency(id, description);
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
      const note = "failed to remove singleton dependency";
      api.raise(id, { type: "dependency", severity: 0, note });
    }
  }

  function query(): JsonObject {
    const result: JsonObject = {};
    for (const [key, { active, waiting }] of groups) {
      result[key] = { count: active, singletons: [...waiting] };
    }
    return result;
  }

  return {
    callbacks: new Map([
      ["job.dependency.singleton", hold],
      ["job.new", onNew],
      ["job.state.inactive", onInactive],
    ]),
    query,
  };
};
