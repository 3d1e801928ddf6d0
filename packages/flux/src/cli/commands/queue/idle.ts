import { isErrno } from "@flux-ts/protocol/rpc/error";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { command } from "../../command.ts";
import { failedTo } from "../../errors.ts";
import { flag } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";
import { timeoutOf, timeoutOption } from "./timeout-option.ts";

export default command({
  name: "idle",
  summary: "wait until no job runs",
  dialect: "B",
  usage: "[-h] [-t DURATION] [--quiet]",
  options: {
    timeout: timeoutOption,
    quiet: flag("--quiet", "Only display pending job count if nonzero"),
  },
  async run({ options, flux, out }) {
    const handle = await flux();
    const { pending } = await handle
      .call(jobManager.idle, undefined, timeoutOf(options.timeout))
      .catch((error: unknown) => {
        if (isErrno(error, "ETIMEDOUT")) throw new CommandError("idle: timeout");
        return failedTo("idle")(error);
      });
    if (!options.quiet || pending > 0) out.line(`${pending} jobs`);
  },
});
