import { Urgency, urgencyText } from "@flux-ts/protocol/job/urgency";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { command } from "../../command.ts";
import { jobIdArgument } from "../../job-text.ts";
import { flag } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";

export default command({
  name: "urgency",
  summary: "Set job urgency (0-31, HOLD, EXPEDITE, DEFAULT)",
  dialect: "A",
  usage: "[OPTIONS] id urgency",
  args: { id: "ID", urgency: "URGENCY" },
  options: { verbose: flag("-v, --verbose", "Output old urgency value on success") },
  async run({ args, options, flux, err }) {
    const handle = await flux();
    const id = jobIdArgument(args.id);
    const urgency = urgencyOf(args.urgency);
    const { old_urgency } = await handle
      .call(jobManager.urgency, { id, urgency })
      .catch((error: unknown) => {
        if (!(error instanceof FluxError)) throw error;
        throw new CommandError(`${args.id}: ${error.message}`);
      });
    if (options.verbose) err.line(`old urgency: ${urgencyText(old_urgency)}`);
  },
});

function urgencyOf(given: string): number {
  switch (given.toLowerCase()) {
    case "hold":
      return Urgency.HOLD;
    case "expedite":
      return Urgency.EXPEDITE;
    case "default":
      return Urgency.DEFAULT;
  }
  if (!/^\s*[-+]?\d+$/.test(given)) throw new CommandError(`error parsing urgency: "${given}"`);
  return Number(given);
}
