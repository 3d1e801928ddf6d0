import { command } from "../../command.ts";
import { flag, text } from "../../option.ts";
import type { FormatSource } from "../../output/named-formats.ts";
import {
  colorHelp,
  filterOptions,
  formatHelp,
  headerHelp,
  inputOptions,
} from "./filter-options.ts";
import { tables } from "./list-formats.ts";
import { printStatus } from "./print-status.ts";

const source: FormatSource = {
  name: "flux-resource",
  table: "status",
  tables,
  builtin: {
    default: {
      description: "Default flux-resource status format string",
      format: "{state:>12} {color_up}{up:>2}{color_off} {nnodes:>6} {nodelist}",
    },
    long: {
      description: "Long flux-resource status format string",
      format: "{state:>12} {color_up}{up:>2}{color_off} {nnodes:>6} +:{reason:<30.30} {nodelist}",
    },
  },
};

export default command({
  name: "status",
  summary: "show the administrator's view of resources",
  dialect: "B",
  usage: [
    "[-h] [-o FORMAT] [-s STATE,...] [-i TARGETS]",
    "                            [-q QUEUE,...] [-n] [-L [WHEN]] [--skip-empty]",
  ].join("\n"),
  options: {
    format: text("-o, --format=FORMAT", `${formatHelp} (use 'help' to get a list of names)`, {
      initial: "default",
    }),
    states: text("-s, --states=STATE,...", "Output resources in given states", {
      aliases: ["--state"],
    }),
    ...filterOptions,
    noHeader: flag("-n, --no-header", headerHelp),
    color: text("-L, --color[=WHEN]", colorHelp, { implied: "always" }),
    ...inputOptions,
    skipEmpty: flag("--skip-empty", "Skip empty lines of output even with --states"),
  },
  run: (context) => printStatus(context.options, context, source),
});
