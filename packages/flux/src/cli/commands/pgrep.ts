import { command } from "../command.ts";
import { jobFormat } from "../jobs/job-format.ts";
import { JobInfo } from "../jobs/job-info.ts";
import { findJobs, searchOptions } from "../jobs/job-search.ts";
import { listingContext } from "../jobs/listing-context.ts";
import { pgrepFormats } from "../jobs/named-job-formats.ts";
import { flag, text } from "../option.ts";

export default command({
  name: "pgrep",
  summary: "find jobs by name or id range",
  dialect: "B",
  usage: `[-h] [-a] [-A] [-u [USERNAME|UID]] [-f STATE|RESULT]
                  [-q QUEUE,...] [-c N] [--max-entries N] [-n] [-o FORMAT]
                  EXPRESSION [EXPRESSION ...]`,
  args: { expressions: "EXPRESSION..." },
  argHelp: { expressions: "job name pattern or id range" },
  options: {
    a: flag("-a", "Target jobs in all states"),
    ...searchOptions,
    noHeader: flag("-n, --no-header", "Suppress printing of header line"),
    format: text(
      "-o, --format=FORMAT",
      "Specify output format using Python's string format syntax or a defined format by name (use 'help' to get a list of names)",
      { initial: "default" },
    ),
  },
  async run({ args, options, flux, out, env, system }) {
    const source = { name: "flux-jobs", tool: "flux-pgrep", builtin: pgrepFormats };
    const chosen = await jobFormat(options.format, source, { env, out });
    if (!chosen) return;
    const search = { ...options, anyState: options.a, ownUid: system.uid };
    const found = await findJobs(await flux(), args.expressions, search);
    const context = listingContext(env);
    const jobs = found.map((listing) => new JobInfo(listing, context));
    // Ids alone are for programs; environment variables may have changed the default.
    const isBare = options.format === "default" && chosen.text === pgrepFormats.default!.format;
    const lines = chosen.format.lines(jobs, (job, field) => job.field(field), {
      noHeader: options.noHeader || isBare,
    });
    for (const { text: line } of lines) out.line(line);
  },
});
