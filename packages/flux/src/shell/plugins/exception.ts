import { LogLevel } from "../log-level.ts";
import { defineShellPlugin } from "../plugin.ts";

/** Job-exec tells the leader about exceptions that concern other shells. */
export default defineShellPlugin({
  name: "exception",
  load(shell) {
    if (!shell.isLeader) return undefined;
    shell.service.serve(
      (methods) => methods.exception,
      ({ type, severity, shell_rank, message }) => {
        if (message) shell.log(LogLevel.Warn, message, "exception");
        if (type === "lost-shell") shell.onShellLost(shell_rank, severity);
      },
    );
    return undefined;
  },
});
