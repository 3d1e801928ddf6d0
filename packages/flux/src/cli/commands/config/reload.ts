import { config } from "@flux-ts/protocol/services/config";
import { command } from "../../command.ts";
import { failedTo } from "../../errors.ts";
import { flag } from "../../option.ts";

export default command({
  name: "reload",
  summary: "Reload broker configuration from files",
  dialect: "A",
  prog: "flux-config",
  builtin: true,
  usage: "[OPTIONS]",
  options: {
    followerNoop: flag(
      "--follower-noop",
      "Do nothing if run on a non-leader broker (for systemd use)",
    ),
  },
  async run({ options, flux }) {
    const handle = await flux();
    if (options.followerNoop && (await handle.rank()) > 0) return;
    await handle.call(config.reload, {}).catch(failedTo("reload"));
  },
});
