import { command } from "../../command.ts";
import { flag, text } from "../../option.ts";
import { configuredList, formatNamed } from "../../output/named-formats.ts";
import { parseOutputFormat } from "../../output/table.ts";
import { filterOptions, formatHelp, headerHelp, inputOptions } from "./filter-options.ts";
import { listFormats } from "./list-formats.ts";
import { listField, listHeadings, listLines } from "./list-lines.ts";
import { listedResources, parseStates } from "./listed-resources.ts";

export default command({
  name: "list",
  summary: "show the scheduler's view of resources",
  dialect: "B",
  usage:
    "[-h] [-o FORMAT] [-s STATE,...] [-i TARGETS]\n                          [-q QUEUE,...] [--skip-empty] [--no-skip-empty] [-n]",
  options: {
    format: text("-o, --format=FORMAT", `${formatHelp} (use 'help' to get a list of names)`, {
      initial: "default",
    }),
    states: text("-s, --states=STATE,...", "Output resources in given states", {
      initial: "free,allocated,down",
      aliases: ["--state"],
    }),
    ...filterOptions,
    skipEmpty: flag("--skip-empty", "Skip empty lines. This is the default with -i, --include."),
    noSkipEmpty: flag("--no-skip-empty", "Do not skip empty lines, even with --include."),
    noHeader: flag("-n, --no-header", headerHelp),
    ...inputOptions,
  },
  async run(context) {
    const { options, out, env } = context;
    const states = parseStates(options.states);
    const { resources, settings } = await listedResources(options, context);
    const format = await formatNamed(options.format, listFormats, { env, out });
    if (format === undefined) return;
    const parsed = parseOutputFormat(format, listHeadings);
    const lines = listLines(resources, settings, {
      states,
      fields: parsed.fields,
      queues: options.queue,
      hiddenQueues: await configuredList("hidden-queues", listFormats, env),
    });
    const skipEmpty = options.skipEmpty || (options.include && !options.noSkipEmpty);
    const shown = skipEmpty ? lines.filter(({ set }) => set.nnodes > 0) : lines;
    const { noHeader } = options;
    for (const { text } of parsed.lines(shown, listField, { noHeader })) out.line(text);
  },
});
