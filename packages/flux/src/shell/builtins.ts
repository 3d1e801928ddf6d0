import type { ShellPlugin } from "./plugin.ts";
import affinity from "./plugins/affinity.ts";
import batch from "./plugins/batch.ts";
import coprocess from "./plugins/coprocess/coprocess.ts";
import cyclic from "./plugins/cyclic.ts";
import doom from "./plugins/doom.ts";
import envExpand from "./plugins/env-expand.ts";
import evlog from "./plugins/evlog.ts";
import exception from "./plugins/exception.ts";
import files from "./plugins/files/files.ts";
import stageIn from "./plugins/files/stage-in.ts";
import gpubind from "./plugins/gpubind.ts";
import hostfile from "./plugins/hostfile.ts";
import hwloc from "./plugins/hwloc.ts";
import input from "./plugins/input/input.ts";
import kill from "./plugins/kill.ts";
import mpir from "./plugins/mpir/mpir.ts";
import oom from "./plugins/oom.ts";
import output from "./plugins/output/output.ts";
import pmi from "./plugins/pmi/pmi.ts";
import ptrace from "./plugins/ptrace.ts";
import pty from "./plugins/pty/pty.ts";
import rexec from "./plugins/rexec.ts";
import rlimit from "./plugins/rlimit.ts";
import signal from "./plugins/signal.ts";
import sysmon from "./plugins/sysmon.ts";
import tasksComplete from "./plugins/tasks-complete.ts";
import tmpdir from "./plugins/tmpdir.ts";

/** The plugins of every shell, in the order in which they are called: that of flux-core. */
export const builtins: readonly ShellPlugin[] = [
  tmpdir,
  files,
  stageIn,
  evlog,
  pmi,
  input,
  output,
  kill,
  affinity,
  gpubind,
  mpir,
  ptrace,
  pty,
  batch,
  doom,
  exception,
  tasksComplete,
  rlimit,
  cyclic,
  hostfile,
  signal,
  oom,
  hwloc,
  rexec,
  envExpand,
  sysmon,
  coprocess,
];
