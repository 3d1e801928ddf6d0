import { flag, int, list, type OptionValues, text } from "../option.ts";

/** The options of `flux jobs`. */
export const jobsOptions = {
  a: flag("-a", "List jobs in all states"),
  A: flag("-A", "List all jobs for all users"),
  count: int("-c, --count=N", "Limit output to N jobs (default 1000)", { initial: 1000 }),
  filter: list("-f, --filter=STATE|RESULT", "List jobs with specific job state or result"),
  since: text(
    "--since=WHEN",
    "Include jobs that have become inactive since WHEN. (implies -a if no other --filter option is specified)",
  ),
  noHeader: flag("-n, --no-header", "Suppress printing of header line", {
    aliases: ["--suppress-header"],
  }),
  user: text(
    "-u, --user=[USERNAME|UID]",
    'Limit output to specific username or userid (Specify "all" for all users)',
  ),
  name: text("--name=JOB-NAME", "Limit output to specific job name"),
  queue: list("-q, --queue=QUEUE,...", "Limit output to specific queue or queues", {
    separator: ",",
  }),
  include: text(
    "-i, --include=HOSTS|RANKS",
    "Limit output to jobs that were allocated to the specified HOSTS or RANKS provided as a hostlist or idset.",
  ),
  format: text(
    "-o, --format=FORMAT",
    "Specify output format using Python's string format syntax or a defined format by name (use 'help' to get a list of names)",
    { initial: "default" },
  ),
  sort: text("--sort=KEY,...", "Specify sort order"),
  width: int(
    "-w, --width[=N]",
    "Truncate output at width N. If N=0 (default if N omitted) and stdout is connected to a terminal, use terminal width",
    { initial: -1, implied: 0 },
  ),
  json: flag("--json", "Output jobs in JSON instead of formatted output"),
  color: text("--color[=WHEN]", "Use color; WHEN can be 'never', 'always' or 'auto' (default)", {
    implied: "always",
  }),
  recursive: flag("-R, --recursive", "List jobs recursively"),
  level: int("-L, --level=N", "With --recursive, only descend N levels", { initial: 9999 }),
  recurseAll: flag(
    "--recurse-all",
    "With --recursive, attempt to recurse all jobs, not just jobs of current user",
  ),
  threads: int("--threads=N", "Set max number of worker threads"),
  stats: flag("--stats", "Print job statistics before header"),
  statsOnly: flag(
    "--stats-only",
    "Print job statistics only and exit. Exits with non-zero status if there are no active jobs. Allows usage like: 'while flux jobs --stats-only; do sleep 1; done'",
  ),
  fromStdin: flag("--from-stdin", "", { hidden: true }),
};
export type JobsOptions = OptionValues<typeof jobsOptions>;
