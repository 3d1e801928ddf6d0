import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Taskmap } from "@flux-ts/protocol/text/taskmap";
import { defineShellPlugin } from "../plugin.ts";
import type { Shell } from "../shell.ts";

/**
 * Task map `hostfile:PATH`: the file names a host for each task, in order, and again from its
 * start.
 */
export default defineShellPlugin({
  name: "hostfile",
  load(shell) {
    if (!shell.options.has("taskmap")) return undefined;
    return {
      taskmap: {
        hostfile: (path, block) => map(shell, hostsIn(shell, path), block.taskCount),
      },
    };
  },
});

function map(shell: Shell, hosts: readonly string[], ntasks: number): Taskmap {
  if (hosts.length === 0) throw new FluxError("EINVAL", "hostfile has no hosts");
  const result = new Taskmap();
  for (let task = 0; task < ntasks; task++) {
    const host = hosts[task % hosts.length]!;
    const node = shell.layout.nodes.findIndex((one) => one.host === host);
    if (node < 0) throw new FluxError("EINVAL", `host ${host} not found in job nodelist`);
    result.append(node, 1, 1);
  }
  return result;
}

function hostsIn({ cwd }: Shell, path: string): string[] {
  let text: string;
  try {
    text = readFileSync(resolve(cwd, path), "utf8");
  } catch (error) {
    throw new FluxError("EINVAL", `failed to open hostfile: ${path}: ${(error as Error).message}`);
  }
  const lines = text.split("\n").filter((line) => line !== "");
  return lines.flatMap((line) => [...Hostlist.parse(line)]);
}
