import { submitJobspec } from "@flux-ts/client/job";
import { attach } from "../attach/attach.ts";
import { command } from "../command.ts";
import { jobIdText } from "../job-text.ts";
import { text } from "../option.ts";
import { commandJobspec } from "../submission/command-jobspec.ts";
import { callerOf, isIdset } from "../submission/job-options.ts";
import {
  commonOptions,
  shapeOptions,
  sizeGroups,
  sizeOptions,
  taskOptions,
} from "../submission/options.ts";
import { pluginTopics, printPlugins } from "../submission/plugins.ts";
import { requestOptions } from "../submission/request.ts";

export default command({
  name: "run",
  summary: "run a Flux job interactively",
  dialect: "C",
  usage: "[OPTIONS...] COMMAND [ARGS...]",
  description: "run a job interactively",
  longHelpOnly: true,
  helpTopics: pluginTopics,
  args: { command: "[command...]" },
  argHelp: { command: "Job command and arguments" },
  options: {
    ...commonOptions,
    ...taskOptions,
    waitEvent: text("--wait-event=NAME", "Pass --wait-event=NAME to flux-job attach"),
    ...sizeOptions,
    ...shapeOptions,
  },
  optionGroups: sizeGroups,
  async run(context) {
    const { args, options, occurrences, out, err, env } = context;
    if (options.listPlugins) {
      printPlugins(out);
      return 0;
    }
    const jobspec = commandJobspec(args.command, options, occurrences, callerOf(context));
    if (options.dryRun) {
      out.json(jobspec);
      return 0;
    }
    const request = requestOptions(options);
    const flux = await context.flux();
    const id = await submitJobspec(flux, jobspec, request);
    const shown = jobIdText(id, env);
    if (options.verbose > 0) err.line(`jobid: ${shown}`);
    const { input } = options;
    return attach({ ...context, flux }, id, shown, {
      labelIo: options.labelIo,
      showEvents: options.verbose > 1,
      showExec: options.verbose > 2,
      unbuffered: options.unbuffered,
      ...(options.waitEvent !== undefined && { waitEvent: options.waitEvent }),
      ...(input !== undefined && isIdset(input) && { stdinRanks: input }),
    });
  },
});
