import { type Context, command } from "../command.ts";
import { flag, list, type OptionValues, text } from "../option.ts";
import { BulkSubmission, copiesOf } from "../submission/bulk.ts";
import { bulkInputs, separatorOf } from "../submission/bulk-inputs.ts";
import {
  bulkOptions,
  commonOptions,
  shapeOptions,
  sizeGroups,
  sizeOptions,
  taskOptions,
} from "../submission/options.ts";
import { pluginTopics, printPlugins } from "../submission/plugins.ts";
import { pythonMethods } from "../submission/python-methods.ts";
import { expandCommand, expandOptions, replaceable, shown } from "../submission/templates.ts";
import { CommandError } from "../usage-error.ts";

const bulksubmitOptions = {
  ...commonOptions,
  ...taskOptions,
  ...bulkOptions,
  shuffle: flag("--shuffle", "Shuffle list of commands before submission"),
  sep: text(
    "--sep=STRING",
    "Set the input argument separator. To split on whitespace, use --sep=none. The default is newline.",
    { initial: "\n" },
  ),
  define: list(
    "--define=NAME=CODE",
    "Define a named method for transforming any input, accessible via e.g. '{0.NAME}'. (local variable 'x' will contain the input string to be transformed)",
  ),
  ...sizeOptions,
  ...shapeOptions,
};
type BulksubmitOptions = OptionValues<typeof bulksubmitOptions>;
type BulksubmitContext = Context<BulksubmitOptions, { command: readonly string[] }>;

/** A job to be submitted. */
interface Job {
  readonly command: readonly string[];
  readonly options: BulksubmitOptions;
}

export default command({
  name: "bulksubmit",
  summary: "submit jobs in bulk to a Flux instance",
  dialect: "C",
  usage: "[OPTIONS...] COMMAND [ARGS...]",
  description:
    "Submit a series of commands given on the command line or on stdin, using an interface similar to GNU parallel or xargs. Allows jobs to be submitted much faster than calling flux submit in a loop. Inputs on the command line are separated from each other and the command with the special delimiter ':::'.",
  longHelpOnly: true,
  helpTopics: pluginTopics,
  args: { command: "[command...]" },
  argHelp: { command: "Job command and initial arguments" },
  options: bulksubmitOptions,
  optionGroups: sizeGroups,
  async run(context) {
    const { options, occurrences, out } = context;
    if (options.listPlugins) {
      printPlugins(out);
      return 0;
    }
    const jobs = jobsOf(context);
    if (options.shuffle) shuffle(jobs);
    const total = jobs.reduce((sum, job) => sum + (copiesOf(job.options)?.size ?? 1), 0);
    if (total === 0) throw new CommandError("no jobs provided for bulk submission");
    const submission = new BulkSubmission(context);
    const waits = options.wait || options.watch || options.waitEvent !== undefined;
    if (options.progress && options.dryRun) {
      out.line(`bulksubmit: submitting a total of ${total} jobs`);
    } else if (options.progress && !waits) {
      submission.startProgress(options, total);
    }
    for (const job of jobs) {
      if (options.dryRun || options.verbose > 0) {
        out.line(`bulksubmit: submit ${jobText(job, options)}`);
      }
      if (!options.dryRun) await submission.submit({ ...job, occurrences });
    }
    return options.dryRun ? 0 : submission.finish();
  },
});

/** The jobs with their inputs put in place; `{cc}` is left for each copy. */
function jobsOf({ args, options }: BulksubmitContext): Job[] {
  const { command: given, inputs } = bulkInputs(args.command, separatorOf(options.sep));
  const command = given.length > 0 ? given : ["{}"];
  const method = pythonMethods(options.define, [...new Set(inputs.flat())]);
  return inputs.map((input, seq) => {
    const replacements = {
      inputs: input,
      names: { seq, seq1: seq + 1, cc: "{cc}" },
      ...(method && { method }),
    };
    return {
      command: expandCommand(command, replacements),
      options: expandOptions(options, replacements),
    };
  });
}

/** A job as it would be typed: the options that inputs changed, and the command. */
function jobText({ command, options }: Job, given: BulksubmitOptions): string {
  const words: string[] = [];
  for (const [key, spelled] of Object.entries(replaceable)) {
    const value = options[key as keyof BulksubmitOptions];
    const before = given[key as keyof BulksubmitOptions];
    const isChanged =
      key === "cc" || shown(value) !== shown(before) || /\{\{|\}\}/.test(shown(value));
    if (value && isChanged) words.push(`${spelled}${shown(value)}`);
  }
  return [...words, ...command].join(" ");
}

function shuffle(jobs: Job[]): void {
  for (let i = jobs.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1));
    [jobs[i], jobs[j]] = [jobs[j]!, jobs[i]!];
  }
}
