import { FluxError } from "@flux-ts/protocol/rpc/error";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { command } from "../../command.ts";
import { jobIdText } from "../../job-text.ts";
import { CommandError, UsageError } from "../../usage-error.ts";

export default command({
  name: "last",
  summary: "List my most recently submitted job id(s)",
  dialect: "A",
  usage: "SLICE",
  args: { slice: "[SLICE]" },
  async run({ args, flux, out, env }) {
    const slice = sliceOf(args.slice);
    const handle = await flux();
    const { jobs } = await handle.call(jobManager.historyGet, { slice }).catch((error: unknown) => {
      throw error instanceof FluxError ? new CommandError(error.message) : error;
    });
    if (jobs.length === 0) throw new CommandError("job history is empty");
    for (const id of jobs) out.line(jobIdText(id, env, "c"));
  },
});

/** A Python slice; a number alone counts from the newest. */
function sliceOf(given = "1"): string {
  if (given.includes("[")) return given;
  if (!/^\s*[-+]?\d+$/.test(given)) throw new UsageError("", "help");
  return `[:${Number(given)}]`;
}
