import { Idset } from "@flux-ts/protocol/text/idset";
import { LogLevel } from "../log-level.ts";
import { defineShellPlugin } from "../plugin.ts";
import type { Shell } from "../shell.ts";
import { parseCpuMap } from "../topology/cpu-list.ts";

/** Tells tasks which GPUs are theirs: CUDA_VISIBLE_DEVICES. */
export default defineShellPlugin({
  name: "gpubind",
  load(shell) {
    const option = shell.options.get("gpu-affinity") ?? "on";
    const mode = typeof option === "string" ? option : "on";
    if (mode !== option) {
      const text = "Failed to get gpu-affinity shell option, ignoring";
      shell.log(LogLevel.Warn, text, "gpu-affinity");
    }
    if (mode === "off") {
      shell.log(LogLevel.Debug, "disabling affinity due to gpu-affinity=off", "gpu-affinity");
      return undefined;
    }
    let sets: readonly Idset[] | undefined;
    return {
      "shell.init"() {
        const { env, node } = shell;
        // -1 is no device: jobs without GPUs must not use those that happen to be there.
        const isShared = mode !== "per-task" && !mode.startsWith("map:");
        env.set("CUDA_VISIBLE_DEVICES", isShared && node.gpus.size > 0 ? listOf(node.gpus) : "-1");
        if (env.get("CUDA_DEVICE_ORDER") === undefined) env.set("CUDA_DEVICE_ORDER", "PCI_BUS_ID");
        sets = isShared ? undefined : setsFor(shell, mode);
      },
      "task.init"(task) {
        if (sets) task.env.CUDA_VISIBLE_DEVICES = listOf(sets[task.index]!);
      },
    };
  },
});

function setsFor({ tasks, node }: Shell, mode: string): Idset[] {
  if (mode.startsWith("map:")) return parseCpuMap(mode.slice(4), tasks.length);
  const gpus = [...node.gpus];
  const each = Math.floor(gpus.length / tasks.length);
  return tasks.map(({ index }) => Idset.from(gpus.slice(index * each, (index + 1) * each)));
}

/** CUDA knows no ranges. */
function listOf(ids: Idset): string {
  return [...ids].join(",");
}
