import type { JobId } from "@flux-ts/protocol/job/fluid";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { JobtapCallback, JobtapFactory } from "../jobtap-plugin.ts";
import { type PerilogJob, type PerilogKind, PerilogRun } from "./perilog-run.ts";
import { type PerilogCommand, type PerilogSettings, perilogSettings } from "./perilog-settings.ts";

/**
 * Loadable: a command before the start of each job, the prolog, and one after its end, the epilog, as
 * `job-manager.prolog` and `job-manager.epilog` say. They run on rank 0 or on each rank of the job.
 */
export const perilog: JobtapFactory = (api) => {
  let settings: PerilogSettings = { logIgnore: [] };
  const running = new Map<JobId, PerilogRun>();

  function start(job: PerilogJob, kind: PerilogKind, command: PerilogCommand): void {
    const run = new PerilogRun({
      api,
      kind,
      settings: command,
      job,
      isIgnored: (line) => settings.logIgnore.some((pattern) => pattern.test(line)),
      onEnd: () => finish(job, run),
    });
    running.set(job.id, run);
  }

  function finish(job: PerilogJob, run: PerilogRun): void {
    const { id } = job;
    const { kind, failure: note, status } = run;
    running.delete(id);
    // A job that is not started has no finish event, but what the prolog did may have to be undone.
    const epilog = kind === "prolog" && run.needsEpilog ? settings.epilog : undefined;
    if (note !== undefined) {
      api.raise(id, { type: kind, severity: kind === "prolog" ? 0 : 2, note });
    }
    // Before the prolog is finished, or the job would be clean in between.
    if (epilog) api.startEpilog(id, description("epilog"));
    if (kind === "prolog") {
      api.finishProlog(id, description(kind), status);
    } else {
      api.unsubscribe(id);
      api.finishEpilog(id, description(kind), status);
    }
    if (epilog) start(job, "epilog", epilog);
  }

  const callbacks = new Map<string, JobtapCallback>([
    [
      "job.state.run",
      ({ id, userid, R }) => {
        const { prolog, epilog } = settings;
        if (prolog || epilog) api.subscribe(id);
        if (!prolog || !R) return;
        api.startProlog(id, description("prolog"));
        start({ id, userid, R }, "prolog", prolog);
      },
    ],
    [
      "job.event.finish",
      ({ id, userid, R }) => {
        const { epilog } = settings;
        // A shutdown does not wait for what a site does after each job.
        if (!epilog || !R || api.isShuttingDown) return;
        api.startEpilog(id, description("epilog"));
        start({ id, userid, R }, "epilog", epilog);
      },
    ],
    [
      "job.event.exception",
      ({ id }, { entry }) => {
        if (entry?.context?.severity === 0) running.get(id)?.cancel();
      },
    ],
  ]);

  return {
    callbacks,
    configure(config) {
      settings = perilogSettings(config);
    },
    query: () => ({
      conf: { prolog: describe(settings.prolog), epilog: describe(settings.epilog) },
      procs: Object.fromEntries([...running].map(([id, run]) => [api.jobName(id), run.describe()])),
    }),
  };
};

const description = (kind: PerilogKind): string => `job-manager.${kind}`;

function describe(command: PerilogCommand | undefined): JsonObject {
  if (!command) return {};
  return {
    command: [...command.cmdline],
    per_rank: command.isPerRank,
    cancel_on_exception: command.isCanceledByException,
    timeout: command.timeout,
    "kill-timeout": command.killTimeout,
  };
}
