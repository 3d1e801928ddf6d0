import { type JobId, parseJobId } from "@flux-ts/protocol/job/fluid";
import { JobResult, JobState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { JobFate, JobtapApi, JobtapFactory, JobView } from "../jobtap-plugin.ts";

/** What is waited for, and how the dependency is described in the eventlog. */
const kinds = {
  after: "after-start",
  afterstart: "after-start",
  afterany: "after-finish",
  afterok: "after-success",
  afternotok: "after-failure",
  afterexcept: "after-except",
} as const;
type Scheme = keyof typeof kinds;
type Kind = (typeof kinds)[Scheme];

interface After {
  /** The job that waits. */
  readonly dependent: JobId;
  /** The job that it waits for. */
  readonly target: JobId;
  readonly kind: Kind;
  readonly description: string;
}

/** Dependency schemes after* (RFC 26): a job waits for what becomes of another one. */
export const dependencyAfter: JobtapFactory = (api) => {
  /** By target. */
  const waiting = new Map<JobId, Set<After>>();
  /** By dependent, to forget them when it ends without them. */
  const waits = new Map<JobId, Set<After>>();

  function add(job: JobView, scheme: Scheme, value: string): void {
    if (scheme === "after") {
      const note = "dependency scheme 'after' is deprecated, use 'afterstart'";
      api.raise(job.id, { type: "dependency", severity: 3, note });
    }
    const target = targetOf(api, job, scheme, value);
    const kind = kinds[scheme];
    const after = { dependent: job.id, target, kind, description: `${kind}=${value}` };
    if (api.wasDependencyMet(job.id, after.description)) return;
    api.addDependency(job.id, after.description);
    const fate = api.fateOf(target)!;
    if (fate.state === JobState.INACTIVE) {
      const reason = refusal(kind, fate, value);
      if (reason !== undefined) throw new FluxError("EINVAL", reason);
      api.removeDependency(job.id, after.description);
    } else if (kind === "after-start" && fate.wasStarted) {
      api.removeDependency(job.id, after.description);
    } else {
      link(waiting, target, after);
      link(waits, job.id, after);
      if (kind === "after-start") api.subscribe(target);
    }
  }

  /** Release those that wait for one of these. */
  function release(target: JobId, met: readonly Kind[]): void {
    for (const after of [...(waiting.get(target) ?? [])]) {
      if (!met.includes(after.kind)) continue;
      unlink(waiting, target, after);
      unlink(waits, after.dependent, after);
      removeOrRaise(after);
    }
  }

  function removeOrRaise({ dependent, description }: After): void {
    try {
      api.removeDependency(dependent, description);
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
      fail(dependent, `Failed to remove dependency ${description}`);
    }
  }

  function fail(id: JobId, note: string): void {
    if (api.fateOf(id)?.state === JobState.INACTIVE) return;
    api.raise(id, { type: "dependency", severity: 0, note });
  }

  function onStart({ id }: JobView): void {
    release(id, ["after-start"]);
    api.unsubscribe(id);
  }

  function onInactive({ id }: JobView): void {
    forgetWaits(id);
    const fate = waiting.has(id) ? api.fateOf(id) : undefined;
    if (!fate) return;
    release(id, metBy(fate));
    const why = fate.wasAllocated ? "can never be satisfied" : "job never started";
    for (const after of waiting.get(id) ?? []) {
      unlink(waits, after.dependent, after);
      fail(after.dependent, `dependency ${after.description} ${why}`);
    }
    waiting.delete(id);
  }

  /** A job waits no longer: it went on, or ended before it could. */
  function forgetWaits(id: JobId): void {
    for (const after of waits.get(id) ?? []) unlink(waiting, after.target, after);
    waits.delete(id);
  }

  function query(): JsonObject {
    const dependencies = [...waiting.values()].flatMap((afters) =>
      Array.from(afters, ({ target, dependent, kind, description }) => {
        return { id: target, depid: dependent, type: kind, description };
      }),
    );
    return { dependencies };
  }

  const callbacks = new Map<string, (job: JobView, args: { dependency?: JsonObject }) => void>();
  for (const scheme of Object.keys(kinds) as Scheme[]) {
    callbacks.set(`job.dependency.${scheme}`, (job, { dependency }) => {
      add(job, scheme, String(dependency?.value));
    });
  }
  callbacks.set("job.state.priority", ({ id }) => forgetWaits(id));
  callbacks.set("job.state.inactive", onInactive);
  callbacks.set("job.destroy", ({ id }) => forgetWaits(id));
  callbacks.set("job.event.start", onStart);
  return { callbacks, query };
};

/** The job that a dependency names. EINVAL if there is none, or it is another user's. */
function targetOf(api: JobtapApi, job: JobView, scheme: Scheme, value: string): JobId {
  let target: JobId;
  try {
    target = parseJobId(value);
  } catch {
    const text = `dependency: ${scheme}: "${value}" is not a valid jobid`;
    throw new FluxError("EINVAL", text);
  }
  const fate = target === job.id ? undefined : api.fateOf(target);
  if (!fate) {
    throw new FluxError("EINVAL", `dependency: ${scheme}: id ${value}: job not found`);
  }
  if (fate.userid !== job.userid) {
    throw new FluxError("EINVAL", `${scheme}: Permission denied for job ${value}`);
  }
  return target;
}

/** Why a dependency on an inactive job can never be met, or undefined if it is met. */
function refusal(kind: Kind, fate: JobFate, value: string): string | undefined {
  if (kind === "after-finish") return undefined;
  if (!fate.wasAllocated || (kind === "after-start" && !fate.wasStarted)) {
    return `dependency: after: ${value} never started`;
  }
  const isOk = fate.result === JobResult.COMPLETED;
  if (kind === "after-success" && !isOk) {
    return `dependency: afterok: job ${value} failed or was canceled`;
  }
  if (kind === "after-failure" && isOk) return `dependency: afternotok: job ${value} succeeded`;
  if (kind === "after-except" && !fate.endedByException) {
    return `dependency: afterexcept: job ${value}: no exception`;
  }
  return undefined;
}

/** The kinds of dependencies that an ended job meets. */
function metBy({ wasAllocated, result, endedByException }: JobFate): Kind[] {
  if (!wasAllocated) return ["after-finish"];
  if (result === JobResult.COMPLETED) return ["after-finish", "after-success"];
  const met: Kind[] = ["after-finish", "after-failure"];
  return endedByException ? [...met, "after-except"] : met;
}

function link(map: Map<JobId, Set<After>>, id: JobId, after: After): void {
  const set = map.get(id);
  if (set) set.add(after);
  else map.set(id, new Set([after]));
}

function unlink(map: Map<JobId, Set<After>>, id: JobId, after: After): void {
  const set = map.get(id);
  if (set?.delete(after) && set.size === 0) map.delete(id);
}
