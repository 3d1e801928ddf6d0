import { parseState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { jobList } from "@flux-ts/protocol/services/job-list";
import { command } from "../../command.ts";
import { jobIdArgument } from "../../job-text.ts";
import { text } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";
import { jobLine, refuseTerminal } from "./print-jobs.ts";

export default command({
  name: "list-ids",
  summary: "List job(s) by id",
  dialect: "A",
  usage: "[OPTIONS] ID [ID ...]",
  args: { ids: "ID..." },
  options: {
    waitState: text(
      "-W, --wait-state=STATE",
      "Return only after jobid has reached specified state",
      { initial: "depend" },
    ),
  },
  async run({ args, options, flux, out }) {
    refuseTerminal(out);
    const handle = await flux();
    const state = stateOf(options.waitState);
    await Promise.all(
      args.ids.map(async (given) => {
        const request = { id: jobIdArgument(given), attrs: ["all"], state };
        const { job } = await handle.call(jobList.listId, request).catch((error: unknown) => {
          if (!(error instanceof FluxError)) throw error;
          throw new CommandError(`flux job-list.list-d: ${error.message}`);
        });
        out.line(jobLine(job));
      }),
    );
  },
});

function stateOf(given: string): number {
  try {
    return parseState(given);
  } catch {
    throw new CommandError("invalid job state specified");
  }
}
