import { command } from "../command.ts";
import { BulkSubmission, copiesOf } from "../submission/bulk.ts";
import {
  bulkOptions,
  commonOptions,
  shapeOptions,
  sizeGroups,
  sizeOptions,
  taskOptions,
} from "../submission/options.ts";
import { pluginTopics, printPlugins } from "../submission/plugins.ts";

export default command({
  name: "submit",
  summary: "submit a job to a Flux instance",
  dialect: "C",
  usage: "[OPTIONS...] COMMAND [ARGS...]",
  description: "enqueue a job",
  longHelpOnly: true,
  helpTopics: pluginTopics,
  args: { command: "[command...]" },
  argHelp: { command: "Job command and arguments" },
  options: { ...commonOptions, ...taskOptions, ...bulkOptions, ...sizeOptions, ...shapeOptions },
  optionGroups: sizeGroups,
  async run(context) {
    const { args, options, occurrences } = context;
    if (options.listPlugins) {
      printPlugins(context.out);
      return 0;
    }
    const submission = new BulkSubmission(context);
    const waits = options.wait || options.watch || options.waitEvent !== undefined;
    if (options.progress && !waits) {
      submission.startProgress(options, copiesOf(options)?.size ?? 1);
    }
    await submission.submit({ command: args.command, options, occurrences });
    return submission.finish();
  },
});
