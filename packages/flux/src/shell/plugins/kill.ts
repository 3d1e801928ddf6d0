import { LogLevel } from "../log-level.ts";
import { defineShellPlugin } from "../plugin.ts";

/** Event `shell-<id>.kill` signals the tasks, on all nodes at once. */
export default defineShellPlugin({
  name: "kill",
  load(shell) {
    shell.onEvent("kill", ({ signum }) => {
      if (typeof signum === "number" && signum > 0) shell.killAll(signum);
      else shell.log(LogLevel.Warn, "kill: ignoring malformed event", "kill");
    });
    return undefined;
  },
});
