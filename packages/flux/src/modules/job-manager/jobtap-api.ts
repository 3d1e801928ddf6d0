import type { JobId } from "@flux-ts/protocol/job/fluid";
import { JobState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { effectMethod } from "./effect.ts";
import { isFlag } from "./flags.ts";
import { summaryOf } from "./inactive-jobs.ts";
import type { Job } from "./job.ts";
import type { JobFate, JobtapApi, JobtapPlugin } from "./jobtap-plugin.ts";
import type { Manager } from "./manager.ts";
import { prioritize, prioritizeAll } from "./prioritize.ts";
import { raise } from "./raise.ts";

/** What one plugin is given to act with. */
export function jobtapApi(manager: Manager, self: () => JobtapPlugin): JobtapApi {
  const { deadlines, events, jobs, jobtap } = manager;
  const active = (id: JobId): Job => {
    const job = jobs.active.get(id);
    if (!job) throw new FluxError("ENOENT", `job ${id} is not active`);
    return job;
  };
  const guard = guardOf(manager, self);
  return {
    get now() {
      return manager.now;
    },
    owner: manager.owner,
    addDependency: (id, description) => addDependency(manager, active(id), description),
    removeDependency(id, description) {
      const job = active(id);
      if (!job.isIn(JobState.NEW | JobState.DEPEND)) throw tooLate("dependency-remove");
      events.post(job, "dependency-remove", { description });
    },
    wasDependencyMet: (id, description) => active(id).metDependencies.has(description),
    raise: (id, exception) => raise(manager, active(id), { ...exception, userid: manager.owner }),
    postEvent: (id, name, context) => events.post(active(id), name, context),
    updateJobspec: (id, updates) => updateJobspec(manager, active(id), updates),
    setFlag(id, flag) {
      if (!isFlag(flag)) throw new FluxError("EINVAL", `unknown job flag ${flag}`);
      events.post(active(id), "set-flags", { flags: [flag] });
    },
    fateOf: (id) => fateOf(manager, id),
    subscribe: (id) => jobtap.subscribe(self(), active(id)),
    unsubscribe: (id) => jobtap.unsubscribe(self(), active(id)),
    setPriority: (id, priority) => prioritize(manager, active(id), priority),
    reprioritizeAll: () => prioritizeAll(manager),
    startProlog(id, description) {
      const job = active(id);
      if (job.startPending || job.state === JobState.CLEANUP) throw tooLate("prolog-start");
      events.post(job, "prolog-start", { description });
    },
    finishProlog(id, description, status) {
      const job = active(id);
      if (job.startPending) throw tooLate("prolog-finish");
      events.post(job, "prolog-finish", { description, status });
    },
    startEpilog: (id, description) => postEpilog(manager, active(id), "start", { description }),
    finishEpilog: (id, description, status) =>
      postEpilog(manager, active(id), "finish", { description, status }),
    at: (seconds, run) => deadlines.add(seconds, guard(run)),
    call: (method, request, done) =>
      manager.effects.push({
        do: "call",
        method: effectMethod(method),
        request,
        done: guard(done),
      }),
    run: (command) => runOnRanks(manager, guard, command),
    jobName: (id) => manager.jobName(id),
    hostname: (rank) => manager.hosts.nth(rank) ?? "unknown",
    get isShuttingDown() {
      return manager.isShuttingDown;
    },
    log: (severity, text) => manager.log(severity, text),
  };
}

type Guard = ReturnType<typeof guardOf>;

function runOnRanks(
  manager: Manager,
  guard: Guard,
  command: Parameters<JobtapApi["run"]>[0],
): ReturnType<JobtapApi["run"]> {
  const { onOutput, onExit, onFailed } = command;
  const guarded = {
    ...command,
    onOutput: guard(onOutput),
    onExit: guard(onExit),
    onFailed: guard(onFailed),
  };
  manager.effects.push({ do: "run", command: guarded });
  return (ranks, signum) => manager.effects.push({ do: "signal", command: guarded, ranks, signum });
}

/** Makes callbacks safe to call: a defect in a plugin is logged and goes no further. */
function guardOf(manager: Manager, self: () => JobtapPlugin) {
  return <Args extends unknown[]>(run: (...args: Args) => void) =>
    (...args: Args): void => {
      try {
        run(...args);
      } catch (error) {
        const text = error instanceof Error ? error.message : String(error);
        manager.log(3, `jobtap: ${self().name}: ${text}`);
      }
    };
}

function addDependency({ events }: Manager, job: Job, description: string): void {
  if (!job.isIn(JobState.NEW | JobState.DEPEND)) throw tooLate("dependency-add");
  if (job.metDependencies.has(description)) {
    throw new FluxError("EEXIST", `dependency ${description} was satisfied before`);
  }
  // After a restart plugins add them again, to know them themselves (RFC 26).
  if (!job.dependencies.has(description)) events.post(job, "dependency-add", { description });
}

function updateJobspec({ events }: Manager, job: Job, updates: JsonObject): void {
  if (job.isIn(JobState.RUN | JobState.CLEANUP) || job.isReadonly) throw tooLate("jobspec-update");
  if (!areJobspecPaths(updates)) {
    throw new FluxError("EINVAL", "one or more jobspec updates are invalid");
  }
  events.post(job, "jobspec-update", updates);
}

/** Updates may touch attributes, resources and tasks, nothing else. */
export function areJobspecPaths(updates: JsonObject): boolean {
  return Object.keys(updates).every((path) => /^(attributes|resources|tasks)(\.|$)/.test(path));
}

function postEpilog(
  { events }: Manager,
  job: Job,
  what: "start" | "finish",
  context: JsonObject,
): void {
  if (job.state !== JobState.CLEANUP) throw tooLate(`epilog-${what}`);
  events.post(job, `epilog-${what}`, context);
}

function fateOf({ jobs }: Manager, id: JobId): JobFate | undefined {
  const job = jobs.active.get(id);
  if (!job) {
    const inactive = jobs.inactive.get(id);
    return inactive && { ...inactive, state: JobState.INACTIVE };
  }
  const summary = summaryOf(job);
  const isOver = job.isIn(JobState.CLEANUP | JobState.INACTIVE);
  return { ...summary, state: job.state, result: isOver ? summary.result : undefined };
}

const tooLate = (event: string): FluxError =>
  new FluxError("EINVAL", `${event} cannot be posted in the job's present state`);
