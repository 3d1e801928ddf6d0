import { defineShellPlugin } from "../plugin.ts";

/** Stops itself, and becomes the command once it is continued. */
const stopped = ["/bin/sh", "-c", 'kill -s STOP $$; exec "$@"', "sh"];

/** Starts tasks stopped, for a parallel debugger to attach to (`-o stop-tasks-in-exec`). */
export default defineShellPlugin({
  name: "ptrace",
  load(shell) {
    const option = shell.options.get("stop-tasks-in-exec");
    if (option === undefined || option === false || Number(option) <= 0) return undefined;
    shell.addEventContext("shell.start", { sync: true });
    return {
      "task.init"(task) {
        task.argv = [...stopped, ...task.argv];
      },
    };
  },
});
