import { Job } from "@flux-ts/client/job";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { JobState, VirtualState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { type Context, command } from "../command.ts";
import { jobIdOf, jobIdText } from "../job-text.ts";
import { anyUser, userOf } from "../jobs/job-query.ts";
import { flag, list, type OptionValues, text } from "../option.ts";
import { CommandError } from "../usage-error.ts";

const cancelOptions = {
  all: flag("--all", "Target all jobs"),
  dryRun: flag("-n, --dry-run", "Do not cancel any jobs", { aliases: ["--dry"] }),
  quiet: flag("-q, --quiet", "Suppress output when no jobs match"),
  user: text("-u, --user=USER", "Set target user or 'all' (instance owner only)"),
  states: list("-S, --states=STATES", "List of job states to target (default=active)", {
    separator: ",",
    aliases: ["--state"],
  }),
  message: text("-m, --message=NOTE", "Set optional cancel exception note"),
};
type CancelContext = Context<OptionValues<typeof cancelOptions>, { jobids: readonly string[] }>;

/** States that can be chosen; inactive jobs cannot be canceled. */
const states = new Map<string, number>([
  ["depend", JobState.DEPEND],
  ["priority", JobState.PRIORITY],
  ["sched", JobState.SCHED],
  ["run", JobState.RUN],
  ["pending", VirtualState.PENDING],
  ["running", VirtualState.RUNNING],
  ["active", VirtualState.ACTIVE],
]);

export default command({
  name: "cancel",
  summary: "cancel one or more jobs",
  dialect: "B",
  usageName: "flux cancel",
  usage: "[OPTIONS] [JOBID...]",
  description: "Cancel pending or running jobs with an optional exception note.",
  args: { jobids: "[JOBID......]" },
  argHelp: { jobids: "jobids to cancel" },
  options: cancelOptions,
  run(context) {
    const { args, options } = context;
    const ids = args.jobids.map((given) => jobIdOf(given, "JOBID..."));
    const isSearch = options.all || Boolean(options.user) || options.states.length > 0;
    if (ids.length > 0 && isSearch) {
      throw new CommandError("Do not specify a list of jobids with --all,--user,--states options");
    }
    if (isSearch) return cancelAll(context);
    if (ids.length === 0) throw new CommandError("No target jobs were provided");
    return cancelThese(context, ids);
  },
});

async function cancelThese(context: CancelContext, ids: readonly JobId[]): Promise<number> {
  const { options, flux, env, err, error } = context;
  if (options.dryRun) {
    err.line(`flux-cancel: Would cancel ${countOf(ids.length, "job")}`);
    return 0;
  }
  const handle = await flux();
  const answers = await Promise.allSettled(
    ids.map((id) => new Job(handle, id).cancel(options.message)),
  );
  let exitCode = 0;
  for (const [i, answer] of answers.entries()) {
    if (answer.status === "fulfilled") continue;
    if (!(answer.reason instanceof FluxError)) throw answer.reason;
    error(`${jobIdText(ids[i]!, env)}: ${answer.reason.message}`);
    exitCode = 1;
  }
  return exitCode;
}

async function cancelAll({ options, flux, err, system }: CancelContext): Promise<number> {
  const { user, message, dryRun } = options;
  const request = {
    dry_run: dryRun,
    userid: user ? (userOf(user) ?? anyUser) : system.uid,
    states: statesOf(options.states),
    severity: 0,
    type: "cancel",
    ...(message !== undefined && { note: message }),
  };
  const { count, errors } = await (await flux()).call(jobManager.raiseall, request);
  const jobs = countOf(count, "job");
  if (count === 0 && options.quiet) return 0;
  if (count === 0) err.line("flux-cancel: Matched 0 jobs");
  else if (dryRun) err.line(`flux-cancel: Would cancel ${jobs}`);
  else err.line(`flux-cancel: Canceled ${jobs} (${countOf(errors, "error")})`);
  return 0;
}

function statesOf(names: readonly string[]): number {
  if (names.length === 0) return VirtualState.ACTIVE;
  return names.reduce((mask, name) => {
    const state = states.get(name.toLowerCase());
    if (state === undefined) throw new CommandError(`Invalid state ${name} specified`);
    return mask | state;
  }, 0);
}

const countOf = (count: number, what: string): string =>
  `${count} ${what}${count === 1 ? "" : "s"}`;
