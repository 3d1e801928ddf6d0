import { command } from "../../command.ts";
import { flag, text } from "../../option.ts";
import { printTable } from "../../output/table.ts";
import { filterOptions, inputOptions } from "./filter-options.ts";
import { listField, listHeadings, listLines } from "./list-lines.ts";
import { listedResources, parseStates } from "./listed-resources.ts";

export default command({
  name: "info",
  summary: "show the number of nodes, cores and gpus",
  dialect: "B",
  usage: "[-h] [-s STATE,...] [-i TARGETS] [-q QUEUE,...]",
  options: {
    states: text("-s, --states=STATE,...", "Show output only for resources in given states", {
      aliases: ["--state"],
    }),
    ...filterOptions,
    ...inputOptions,
    skipEmpty: flag("--skip-empty", "", { hidden: true }),
    noSkipEmpty: flag("--no-skip-empty", "", { hidden: true }),
  },
  async run(context) {
    const { options, out } = context;
    const states = parseStates(options.states || "all");
    const { resources, settings } = await listedResources(options, context);
    const fields = ["nnodes", "ncores", "ngpus"];
    const choice = { states, fields, queues: options.queue, hiddenQueues: [] };
    const lines = listLines(resources, settings, choice);
    const skipEmpty = options.skipEmpty || (options.include && !options.noSkipEmpty);
    printTable(out, {
      format: "{nnodes} Nodes, {ncores} Cores, {ngpus} GPUs",
      headings: listHeadings,
      items: skipEmpty ? lines.filter(({ set }) => set.nnodes > 0) : lines,
      fieldOf: listField,
      noHeader: true,
    });
  },
});
