import { command } from "../command.ts";
import { jobIdOf } from "../job-text.ts";
import { type JobFormat, jobFormat } from "../jobs/job-format.ts";
import type { JobInfo } from "../jobs/job-info.ts";
import { jobsById } from "../jobs/job-query.ts";
import { jobStats } from "../jobs/job-stats.ts";
import { jobsOptions } from "../jobs/jobs-options.ts";
import { type JobsContext, Lister } from "../jobs/lister.ts";
import { jobsFormats } from "../jobs/named-job-formats.ts";
import { jobsJson, type Printing, printJobs } from "../jobs/print-jobs.ts";
import { wantsColor } from "../output/color.ts";
import { pythonJson } from "../output/python-json.ts";
import { CommandError } from "../usage-error.ts";

export default command({
  name: "jobs",
  summary: "list jobs submitted to Flux",
  dialect: "B",
  usage: `[-h] [-a] [-A] [-c N] [-f STATE|RESULT] [--since WHEN] [-n]
                 [-u [USERNAME|UID]] [--name JOB-NAME] [-q QUEUE,...]
                 [-i HOSTS|RANKS] [-o FORMAT] [--sort KEY,...] [-w [N]]
                 [--json] [--color [WHEN]] [-R] [-L N] [--recurse-all]
                 [--threads N] [--stats] [--stats-only]
                 [JOBID ...]`,
  args: { jobids: "[JOBID...]" },
  argHelp: { jobids: "Limit output to specific Job IDs" },
  options: jobsOptions,
  async run(context) {
    const { args, options, occurrences, flux, out, err, env, warn } = context;
    const color = wantsColor(options.color, out, env, "usage");
    const ids = args.jobids.map((given) => ({ text: given, id: jobIdOf(given) }));
    if (options.json && (options.stats || options.statsOnly)) {
      throw new CommandError("--json incompatible with --stats or --stats-only");
    }
    const isRecursive = options.recursive || options.recurseAll;
    const filters = ["a", "A", "count", "filter", "since", "user", "name", "queue"];
    const isFiltered = occurrences.some(({ key }) => filters.includes(key));
    if (ids.length > 0 && isFiltered && !isRecursive) {
      warn("Filtering options ignored with jobid list");
    }
    const source = { name: "flux-jobs", builtin: jobsFormats };
    const chosen = await jobFormat(options.format, source, context);
    if (!chosen) return 0;
    if (options.stats || options.statsOnly) {
      const stats = await jobStats(await flux(), options.queue);
      out.line(
        `${stats.running} running, ${stats.successful} completed, ${stats.failed} failed, ${stats.pending} pending, ${stats.purged} inactive purged`,
      );
      if (options.statsOnly) return stats.active > 0 ? 0 : 1;
    }
    sortBy(chosen, options.sort);
    const lister = new Lister(context, chosen, color || isRecursive);
    let jobs: JobInfo[];
    let isTruncated = false;
    if (options.fromStdin) jobs = await lister.fromInput();
    else if (ids.length > 0) {
      const found = await jobsById(await flux(), ids, lister.attrs);
      for (const text of found.errors) err.line(text);
      if (found.jobs.length === 0) return 1;
      jobs = await lister.infos(found.jobs);
    } else {
      ({ jobs, isTruncated } = await lister.fetch(await flux()));
    }
    const printing = printingOf(context, lister, color, isRecursive);
    if (options.json) {
      const json = await jobsJson(jobs, printing);
      if (ids.length !== 1) out.line(pythonJson({ jobs: json }));
      else if (json[0] !== undefined) out.line(pythonJson(json[0]));
      return 0;
    }
    const fitted = chosen.format.fitted(jobs, (job, field) => job.field(field), options.noHeader);
    if (!options.noHeader) out.line(fitted.header(printing.width));
    await printJobs(jobs, fitted, printing);
    if (isTruncated && !options.noHeader) {
      err.line(`warning: output truncated at ${options.count} jobs.`);
      err.line("Use --count to increase returned results or use filters to alter results.");
    }
    return 0;
  },
});

function sortBy({ format }: JobFormat, keys: string | undefined): void {
  if (!keys) return;
  try {
    format.sortBy(keys);
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}

function printingOf(
  { options, out, system }: JobsContext,
  lister: Lister,
  color: boolean,
  isRecursive: boolean,
): Printing {
  const width =
    options.width > 0
      ? options.width
      : options.width === 0 && out.isTerminal
        ? out.columns
        : undefined;
  return {
    out,
    width,
    color,
    stats: options.stats,
    levels: isRecursive ? options.level : 0,
    isTarget: (job) =>
      job.uri !== undefined &&
      job.isRunning &&
      (options.recurseAll || job.listing.userid === system.uid),
    fetch: async (flux) => (await lister.fetch(flux)).jobs,
  };
}
