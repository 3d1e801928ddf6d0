import { submitJobspec } from "@flux-ts/client/job";
import { fromAlloc } from "@flux-ts/protocol/job/from-batch";
import { attach } from "../attach/attach.ts";
import { command } from "../command.ts";
import { jobIdText } from "../job-text.ts";
import { counter, flag } from "../option.ts";
import { awaitInstance } from "../submission/await-instance.ts";
import {
  instanceGroups,
  instanceJobspec,
  instanceOptions,
} from "../submission/instance-options.ts";
import { callerOf } from "../submission/job-options.ts";
import { shapeOptions } from "../submission/options.ts";
import { pluginTopics, printPlugins } from "../submission/plugins.ts";
import { requestOptions } from "../submission/request.ts";

export default command({
  name: "alloc",
  summary: "allocate a new Flux instance for interactive use",
  dialect: "C",
  usage: "[OPTIONS...] [COMMAND] [ARGS...]",
  description:
    "Allocate resources and start a new Flux instance. Once the instance has started, attach to it interactively.",
  longHelpOnly: true,
  helpTopics: pluginTopics,
  args: { command: "[COMMAND...]" },
  argHelp: {
    command: "Set the initial COMMAND of new Flux instance.(default is an interactive shell)",
  },
  options: {
    ...instanceOptions,
    verbose: counter("-v, --verbose", "Increase verbosity on stderr (multiple use OK)"),
    bg: flag("--bg", "Wait for new instance to start, but do not attach to it."),
    ...shapeOptions,
  },
  optionGroups: instanceGroups,
  async run(context) {
    const { args, options, occurrences, out, err, stdin, env } = context;
    if (options.listPlugins) {
      printPlugins(out);
      return 0;
    }
    const jobspec = await instanceJobspec(options, occurrences, callerOf(context), (given) =>
      fromAlloc(args.command, {
        ...given,
        background: options.bg,
        interactive: stdin.isTerminal,
      }),
    );
    if (options.dryRun) {
      out.json(jobspec);
      return 0;
    }
    const flux = await context.flux();
    const id = await submitJobspec(flux, jobspec, requestOptions(options));
    const shown = jobIdText(id, env);
    if (options.bg) {
      return awaitInstance({ ...context, flux }, id, shown, options.verbose > 0);
    }
    if (options.verbose > 0) err.line(`jobid: ${shown}`);
    return attach({ ...context, flux }, id, shown);
  },
});
