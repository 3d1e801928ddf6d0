import type { Flux } from "@flux-ts/client/handle";
import type { JobListing } from "@flux-ts/protocol/services/job-list";
import { command } from "../command.ts";
import { parseDateTime } from "../datetime.ts";
import { jobIdOf, jobIdText } from "../job-text.ts";
import { filterOf, jobsById, queryJobs } from "../jobs/job-query.ts";
import { counter, flag, int, list, text } from "../option.ts";
import { ProgressBar } from "../output/progress-bar.ts";
import { JobWatcher } from "../submission/job-watcher.ts";
import { CommandError } from "../usage-error.ts";

const attrs = ["state", "result", "t_submit"];
const active = ["pending", "running"];

export default command({
  name: "watch",
  summary: "monitor one or more Flux jobs",
  dialect: "B",
  usage: `[-h] [-a] [-A] [-c N] [-f STATE|RESULT] [--since WHEN]
                  [--progress] [--jps] [-l] [-v]
                  [JOBID ...]`,
  args: { jobids: "[JOBID...]" },
  argHelp: { jobids: "Watch specific jobids" },
  options: {
    active: flag("-a, --active", "Watch all active jobs for current user"),
    all: flag("-A, --all", "Watch all jobs for current user in all states including inactive"),
    count: int("-c, --count=N", "Limit to N jobs (default 1000)", { initial: 0 }),
    filter: list("-f, --filter=STATE|RESULT", "Watch jobs with specific job state or result"),
    since: text(
      "--since=WHEN",
      "Include only jobs that have been inactive since WHEN. (implies -a if no other --filter option is specified)",
    ),
    progress: flag("--progress", "Show progress bar"),
    jps: flag("--jps", "Display jobs/s instead of elapsed time"),
    labelIo: flag("-l, --label-io", "label lines of output with task id"),
    verbose: counter("-v, --verbose", "Increase verbosity"),
  },
  async run({ args, options, occurrences, flux, out, err, env, system, warn, error }) {
    const ids = args.jobids.map((given) => ({ text: given, id: jobIdOf(given) }));
    const filters = ["active", "all", "count", "filter", "since"];
    if (ids.length > 0 && occurrences.some(({ key }) => filters.includes(key))) {
      warn("Filtering options ignored with jobid list");
    }
    const handle = await flux();
    const now = Date.now() / 1000;
    const since = options.since ? sinceOf(options.since, now) : undefined;
    const isAll = options.all || (since !== undefined && options.filter.length === 0);
    const filter = [
      ...options.filter,
      ...(options.active || isAll ? active : []),
      ...(isAll ? ["inactive"] : []),
    ];
    if (filter.length === 0 && ids.length === 0) {
      error("At least one job selection option is required");
      err.line("Try 'flux watch --help' for more information.");
      return 1;
    }
    const tell = (what: string): void => err.line(`flux-watch: INFO: ${what}`);
    let jobs: readonly JobListing[];
    if (ids.length > 0) {
      const found = await jobsById(handle, ids, attrs);
      for (const each of found.errors) error(each);
      jobs = found.jobs;
    } else {
      jobs = await queryJobs(handle, {
        attrs,
        filter: filterOf(filter),
        userid: system.uid,
        maxEntries: options.count,
        since: since ?? 0,
      });
    }
    if (jobs.length === 0) {
      tell("No matching jobs");
      return 0;
    }
    if (options.verbose > 0) tell(`Watching ${jobs.length} jobs`);
    const startTime = isAll || since !== undefined ? await beginOf(handle, since) : undefined;
    const watcher = new JobWatcher(handle, {
      watch: true,
      labelIo: options.labelIo,
      logStatus: options.verbose > 0,
      logEvents: options.verbose > 1,
      jps: options.jps,
      show: (id) => jobIdText(id, env),
      ...(startTime !== undefined && { startTime }),
    });
    const bar = new ProgressBar(out, () => watcher.progress);
    if (options.progress && out.isTerminal) {
      watcher.protectTerminal();
      watcher.onProgress = () => bar.redraw();
      bar.start();
    } else if (options.progress) {
      warn("stdout is not a tty. Ignoring --progress option");
    }
    for (const { id, t_submit: submitTime = now } of jobs) {
      watcher.add({ id, stdout: out, stderr: err, waitEvent: "clean" }, submitTime);
    }
    const code = await watcher.finish();
    bar.stop();
    return code;
  },
});

function sinceOf(given: string, now: number): number {
  const seconds = parseDateTime(given, now) ?? Number(given);
  if (Number.isNaN(seconds)) throw new CommandError(`--since: invalid value '${given}'`, 2);
  if (seconds > now) throw new CommandError(`--since=${given} appears to be in the future`, 2);
  return seconds;
}

/** Where the timer of a long look back starts. */
async function beginOf(flux: Flux, since = 0): Promise<number> {
  return Math.max(since, Number(await flux.attr("broker.starttime")));
}
