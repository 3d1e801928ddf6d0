import type { ShellPlugin } from "./plugin.ts";
import doom from "./plugins/doom.ts";
import evlog from "./plugins/evlog.ts";
import exception from "./plugins/exception.ts";
import input from "./plugins/input/input.ts";
import kill from "./plugins/kill.ts";
import output from "./plugins/output/output.ts";
import tasksComplete from "./plugins/tasks-complete.ts";
import tmpdir from "./plugins/tmpdir.ts";

/** The plugins of every shell, in the order in which they are called: that of flux-core. */
export const builtins: readonly ShellPlugin[] = [
  tmpdir,
  evlog,
  input,
  output,
  kill,
  doom,
  exception,
  tasksComplete,
];
