import { config } from "@flux-ts/protocol/services/config";
import { command } from "../../command.ts";
import { flag, list, text } from "../../option.ts";
import { formatNamed, type NamedFormats } from "../../output/named-formats.ts";
import { printTable } from "../../output/table.ts";
import { queueStates } from "./queue-state.ts";
import { fieldOf, headings, type ListedQueue, limitsOf, queueNames } from "./queue-table.ts";
import { schedulerResources } from "./scheduler-resources.ts";

const state =
  "?:{queuem:<8.8} {color_enabled}{enabled:>2}{color_off} {color_started}{started:>2}{color_off} ";
const times = "{defaults.timelimit!F:>8} {limits.timelimit!F:>8} ";

const builtin: NamedFormats = {
  default: {
    description: "Default flux-queue list format string",
    format: `${state}${times}{limits.range.effective.nnodes:>10} {limits.range.effective.ncores:>10} {limits.range.effective.ngpus:>10}`,
  },
  policy: {
    description: "flux-queue list with policy limits only",
    format: `${state}${times}{limits.range.nnodes:>10} {limits.range.ncores:>10} {limits.range.ngpus:>10}`,
  },
  nodes: {
    description: "Show queue status plus all/up/allocated/free nodes",
    format: `${state}{resources.all.nnodes:>6} {resources.up.nnodes:>10} {resources.down.nnodes:>10} {resources.allocated.nnodes:>11} {resources.free.nnodes:>10}`,
  },
};

export default command({
  name: "list",
  summary: "list queues",
  dialect: "B",
  usage: "[-h] [-q QUEUE,...] [-o FORMAT] [-n]",
  options: {
    queue: list("-q, --queue=QUEUE,...", "Include only specified queues in output", {
      separator: ",",
    }),
    format: text(
      "-o, --format=FORMAT",
      "Specify output format using Python's string format syntax or a defined format by name (use 'help' to get a list of names)",
      { initial: "default" },
    ),
    noHeader: flag("-n, --no-header", "Suppress header output"),
  },
  async run({ options, flux, out, env }) {
    const source = { name: "flux-queue", table: "list", builtin };
    const format = await formatNamed(options.format, source, { env, out });
    if (format === undefined) return;
    const handle = await flux();
    const [settings, resources] = await Promise.all([
      handle.call(config.get),
      schedulerResources(handle),
    ]);
    const names = queueNames(settings, options.queue);
    const states = await Promise.all(
      (names.length > 0 ? names : [undefined]).map((name) => queueStates(handle, name, false)),
    );
    const queues = states
      .flat()
      .map((each): ListedQueue => ({ ...each, ...limitsOf(settings, each.queue, resources) }));
    printTable(out, { format, headings, items: queues, fieldOf, noHeader: options.noHeader });
  },
});
