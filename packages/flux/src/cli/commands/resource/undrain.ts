import { undrain } from "@flux-ts/client/resource";
import { command } from "../../command.ts";
import { counter, flag } from "../../option.ts";
import { UsageError } from "../../usage-error.ts";
import { drainOptions } from "./drain-options.ts";

export default command({
  name: "undrain",
  summary: "put nodes back into service",
  dialect: "B",
  takesRemainder: true,
  usage: "[-h] [-u] [-f] targets ...",
  args: { targets: "[targets]", reason: "[reason...]" },
  argHelp: { targets: "List of targets to resume (IDSET or HOSTLIST)", reason: "Reason" },
  options: {
    update: flag(
      "-u, --update",
      "Update only. Do not return an error if one or more targets are not drained. Do not overwrite any existing undrain reason.",
    ),
    force: counter(
      "-f, --force",
      "Force overwrite of existing undrain reason. Specify twice to also update undrain timestamp.",
    ),
  },
  async run({ args, options, flux }) {
    if (args.targets === undefined) {
      throw new UsageError("the following arguments are required: targets, reason");
    }
    const request = drainOptions(options, args.reason);
    await undrain(await flux(), args.targets, request);
  },
});
