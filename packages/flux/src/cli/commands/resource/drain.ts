import { drain } from "@flux-ts/client/resource";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import { command } from "../../command.ts";
import { counter, flag, text } from "../../option.ts";
import type { FormatSource } from "../../output/named-formats.ts";
import { drainOptions } from "./drain-options.ts";
import { colorHelp, filterOptions, formatHelp, headerHelp } from "./filter-options.ts";
import { tables } from "./list-formats.ts";
import { printStatus } from "./print-status.ts";

const source: FormatSource = {
  name: "flux-resource",
  table: "drain",
  tables,
  builtin: {
    long: {
      description: "Long flux-resource drain format string",
      format: "{timestamp!d:%b%d %R::<12} {state:<8.8} {ranks:<8.8+} +:{reason:<30.30} {nodelist}",
    },
    default: {
      description: "Default flux-resource drain format string",
      format: "{timestamp!d:%b%d %R::<12} {state:<8.8} {reason:<30.30+} {nodelist}",
    },
  },
};

export default command({
  name: "drain",
  summary: "take nodes out of service, or list those that are",
  dialect: "B",
  takesRemainder: true,
  usage: [
    "[-h] [-f] [-u] [-i TARGETS] [-q QUEUE,...]",
    "                           [-o FORMAT] [-n] [-L [WHEN]]",
    "                           [targets] ...",
  ].join("\n"),
  args: { targets: "[targets]", reason: "[reason...]" },
  argHelp: { targets: "List of targets to drain (IDSET or HOSTLIST)", reason: "Reason" },
  options: {
    force: counter(
      "-f, --force",
      "Force overwrite of existing drain reason. Specify twice to also update drain timestamp.",
    ),
    update: flag(
      "-u, --update",
      "Update only. Do not return an error if one or more targets are already drained. Do not overwrite any existing drain reason.",
    ),
    ...filterOptions,
    format: text(
      "-o, --format=FORMAT",
      `${formatHelp} (only used when no drain targets specified)`,
      { initial: "default" },
    ),
    noHeader: flag("-n, --no-header", headerHelp),
    color: text("-L, --color[=WHEN]", colorHelp, { implied: "always" }),
  },
  async run(context) {
    const { args, options, flux, error, err, prog } = context;
    if (args.targets === undefined) {
      const listing = { ...options, states: "drain", skipEmpty: true };
      return printStatus({ ...listing, fromStdin: false, configFile: undefined }, context, source);
    }
    const request = drainOptions(options, args.reason);
    try {
      await drain(await flux(), args.targets, request);
    } catch (refusal) {
      if (!(refusal instanceof FluxError)) throw refusal;
      error(`[Errno ${refusal.errnum}] ${refusal.message}`);
      if (isErrno(refusal, "EEXIST")) {
        err.line(`${prog}: INFO: Use --force to overwrite existing drain reason`);
      }
      return 1;
    }
    return 0;
  },
});
