import { isErrno } from "@flux-ts/protocol/rpc/error";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { command } from "../../command.ts";
import { failedTo } from "../../errors.ts";
import { CommandError } from "../../usage-error.ts";
import { timeoutOf, timeoutOption } from "./timeout-option.ts";

export default command({
  name: "drain",
  summary: "wait until no job is active",
  dialect: "B",
  usage: "[-h] [-t DURATION]",
  options: { timeout: timeoutOption },
  async run({ options, flux }) {
    const handle = await flux();
    await handle
      .call(jobManager.drain, undefined, timeoutOf(options.timeout))
      .catch((error: unknown) => {
        if (isErrno(error, "ETIMEDOUT")) throw new CommandError("drain: timeout");
        failedTo("drain")(error);
      });
  },
});
