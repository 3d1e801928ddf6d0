import type { Flux } from "@flux-ts/client/handle";
import { jobEvents } from "@flux-ts/client/job-events";
import { JobOutcome } from "@flux-ts/client/job-outcome";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { JobResult } from "@flux-ts/protocol/job/states";
import { exitCodeOf, signalOf } from "@flux-ts/protocol/job/wait-status";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { formatReal } from "@flux-ts/protocol/schema/real";
import { command } from "../../command.ts";
import { jobIdArgument } from "../../job-text.ts";
import { counter, flag, int } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";

export default command({
  name: "status",
  summary: "Wait for job(s) to complete and exit with largest exit code",
  dialect: "A",
  usage: "id [id...]",
  args: { ids: "ID..." },
  options: {
    verbose: counter("-v, --verbose", "Increase verbosity"),
    json: flag("-j, --json", "Dump job result information gleaned from eventlog to stdout"),
    exceptionExitCode: int(
      "-e, --exception-exit-code=N",
      "Set the default exit code for any jobs that terminate solely due to an exception (e.g. canceled jobs or jobs rejected by the scheduler) to N [default=1]",
      { initial: 1 },
    ),
  },
  async run({ args, options, flux, out, warn }) {
    const handle = await flux();
    const jobs = args.ids.map((job) => ({ job, id: jobIdArgument(job) }));
    if (options.verbose && jobs.length > 1) warn(`fetching status for ${jobs.length} jobs`);
    const outcomes = await Promise.all(jobs.map(({ job, id }) => outcomeOf(handle, id, job)));
    if (options.verbose && jobs.length > 1) warn("all done.");
    let largest = 0;
    for (const [i, outcome] of outcomes.entries()) {
      const { job, id } = jobs[i]!;
      if (options.json) out.line(resultJson(id, outcome));
      const status = outcome.waitStatus;
      const exitCode = status === undefined ? 0 : exitCodeOf(status);
      const { fatalException } = outcome;
      largest = Math.max(largest, exitCode, fatalException ? options.exceptionExitCode : 0);
      if (!options.verbose) continue;
      if (status !== undefined && signalOf(status)) {
        warn(`${job}: job shell died by signal ${signalOf(status)}`);
      } else if (options.verbose > 1 || exitCode !== 0) {
        warn(
          fatalException
            ? `${job}: exception type=${fatalException.type}`
            : `${job}: exited with exit code ${exitCode}`,
        );
      }
    }
    return largest;
  },
});

async function outcomeOf(flux: Flux, id: JobId, job: string): Promise<JobOutcome> {
  const outcome = new JobOutcome();
  try {
    for await (const event of jobEvents(flux, id)) outcome.onEvent(event);
  } catch (error) {
    if (isErrno(error, "ENOENT")) throw new CommandError(`${job}: No such job`);
    throw error;
  }
  return outcome;
}

/** What flux_job_result(3) makes of the eventlog. */
function resultJson(id: JobId, outcome: JobOutcome): string {
  const { worstException: exception, waitStatus, submitTime, runTime, finishTime } = outcome;
  const real = (value: number | undefined) => (value === undefined ? undefined : formatReal(value));
  const members: readonly (readonly [string, string | undefined])[] = [
    ["id", String(id)],
    ["exception_occurred", String(exception !== undefined)],
    ["t_submit", real(submitTime)],
    ["t_run", real(runTime)],
    ["exception_type", exception && JSON.stringify(exception.type)],
    ["exception_note", exception && JSON.stringify(exception.note)],
    ["exception_severity", exception && String(exception.severity)],
    ["t_cleanup", real(finishTime)],
    ["waitstatus", waitStatus === undefined ? undefined : String(waitStatus)],
    ["result", String(outcome.result ?? JobResult.FAILED)],
  ];
  const known = members.filter(([, value]) => value !== undefined);
  return `{${known.map(([key, value]) => `"${key}":${value}`).join(",")}}`;
}
