import { defineShellPlugin } from "../plugin.ts";

/** Tells the leader when the tasks of all shells have ended; shells that are lost count as done. */
export default defineShellPlugin({
  name: "tasks-complete",
  load(shell) {
    if (!shell.isLeader) {
      return {
        "shell.finish"() {
          shell.service.send((methods) => methods.tasksComplete, 0, { shell_rank: shell.rank });
        },
      };
    }
    if (shell.size === 1) return { "shell.finish": () => shell.onTasksComplete() };
    const active = new Set(shell.layout.nodes.keys());
    const report = (shellRank: number): void => {
      if (active.delete(shellRank) && active.size === 0) shell.onTasksComplete();
    };
    shell.service.serve(
      (methods) => methods.tasksComplete,
      ({ shell_rank }) => report(shell_rank),
    );
    return { "shell.finish": () => report(0), "shell.lost": report };
  },
});
