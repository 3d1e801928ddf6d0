import type { Idset } from "@flux-ts/protocol/text/idset";
import { LogLevel } from "../log-level.ts";
import { defineShellPlugin } from "../plugin.ts";
import type { Shell } from "../shell.ts";
import { parseCpuMap } from "../topology/cpu-list.ts";
import { type CpuTopology, cpusOf, distributeCpus } from "../topology/cpu-topology.ts";

const component = "cpu-affinity";

/** Binds the tasks to the CPUs of the cores that the job has on this node. */
export default defineShellPlugin({
  name: "affinity",
  load(shell) {
    const option = shell.options.get("cpu-affinity") ?? "on";
    if (typeof option !== "string") {
      const text = `invalid option: ${JSON.stringify(option)}`;
      shell.log(LogLevel.Warn, text, component);
    }
    const { mode, verbose, dryRun } = affinityOption(typeof option === "string" ? option : "on");
    if (mode === "off") {
      shell.log(LogLevel.Debug, "disabling affinity due to cpu-affinity=off", component);
      return undefined;
    }
    return {
      "shell.init"() {
        const { topology } = shell.site;
        const cpus = topology && cpusOf(topology, shell.node.cores);
        if (!topology || !cpus) {
          const text = `unable to get cpuset for cores ${shell.node.cores.encode()}`;
          shell.log(LogLevel.Warn, `${text}. Disabling affinity`, component);
          return;
        }
        const sets = setsFor(shell, mode, topology);
        if (verbose || dryRun) report(shell, cpus, sets);
        if (!dryRun) bind(shell, cpus, sets);
      },
    };
  },
});

interface AffinityOption {
  readonly mode: string;
  readonly verbose: boolean;
  readonly dryRun: boolean;
}

/** `on`, `off`, `per-task` or `map:A;B`, after words that say to report, and not to bind. */
function affinityOption(text: string): AffinityOption {
  let mode = text;
  let verbose = false;
  let dryRun = false;
  for (;;) {
    const word = /^(dry-run|verbose),?/.exec(mode);
    if (!word) return { mode, verbose, dryRun };
    if (word[1] === "verbose") verbose = true;
    else dryRun = true;
    mode = mode.slice(word[0].length);
  }
}

/** A set for each task, where each is to have its own. */
function setsFor(shell: Shell, mode: string, topology: CpuTopology): Idset[] | undefined {
  const { node, tasks } = shell;
  if (mode.startsWith("map:")) return parseCpuMap(mode.slice(4), tasks.length);
  if (mode !== "per-task" || tasks.length === 0) return undefined;
  const cores = [...node.cores].map((core) => topology[core]!);
  return distributeCpus(cores, tasks.length);
}

function report(shell: Shell, cpus: Idset, sets: readonly Idset[] | undefined): void {
  const say = (text: string): void => shell.log(LogLevel.Notice, text, component);
  say(`cpus: ${cpus.encode()}`);
  for (const task of sets ? shell.tasks : []) {
    say(`task ${task.rank}: cpus: ${sets![task.index]!.encode()}`);
  }
}

function bind(shell: Shell, cpus: Idset, sets: readonly Idset[] | undefined): void {
  const { allowedCpus } = shell.site;
  for (const task of shell.tasks) {
    const wanted = sets ? sets[task.index]! : cpus;
    const possible = wanted.intersect(allowedCpus);
    if (possible.isEmpty) {
      const text = `CPUs ${wanted.encode()} are not available here, it is not bound`;
      shell.log(LogLevel.Warn, `task ${task.rank}: ${text}`, component);
      continue;
    }
    // Binding is not free, and these are what it would run on anyway.
    if (!possible.equals(allowedCpus)) task.cpus = possible;
  }
}
