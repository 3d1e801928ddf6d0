import { LogLevel } from "../log-level.ts";
import { defineShellPlugin } from "../plugin.ts";

/** The shell's own log lines go to the output log as `log` events (RFC 24). */
export default defineShellPlugin({
  name: "evlog",
  load(shell) {
    let limit: number = LogLevel.Notice + shell.verbose;
    return {
      "shell.log"({ level, message, component }) {
        if (level > limit) return;
        const context = { rank: shell.rank, level, message };
        shell.guest.append("output", "log", component ? { ...context, component } : context);
      },
      "shell.log-setlevel"(destination, level) {
        if (destination === "any" || destination === "eventlog") limit = level;
      },
    };
  },
});
