import { signalText } from "@flux-ts/protocol/job/signal";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { command } from "../../command.ts";
import { failedTo } from "../../errors.ts";
import { flag, text } from "../../option.ts";
import { signalNumber, signalOption } from "./kill.ts";
import { userArgument } from "./user-argument.ts";

export default command({
  name: "killall",
  summary: "Send signal to multiple running jobs",
  dialect: "A",
  usage: "[OPTIONS]",
  options: {
    signal: signalOption,
    user: text("-u, --user=USER", "Set target user or 'all' (instance owner only)"),
    force: flag("-f, --force", "Confirm the command"),
  },
  async run({ options, flux, system, warn }) {
    const signum = signalNumber(options.signal, "killall");
    const userid = options.user === undefined ? system.uid : userArgument(options.user);
    const handle = await flux();
    const request = { dry_run: !options.force, userid, signum };
    const { count, errors } = await handle
      .call(jobManager.killall, request)
      .catch(failedTo("killall"));
    if (count === 0) warn("Command matched 0 jobs");
    else if (options.force) warn(`${signalText(signum)} ${count} jobs (${errors} errors)`);
    else warn(`Command matched ${count} jobs (-f to confirm)`);
  },
});
