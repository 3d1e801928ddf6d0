import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Taskmap } from "@flux-ts/protocol/text/taskmap";
import { defineShellPlugin, type ShellCallbacks } from "../plugin.ts";

/** Task map `cyclic[:N]` (RFC 34): N tasks on each node in turn. */
export default defineShellPlugin({
  name: "cyclic",
  load: () => callbacks,
});

const callbacks: ShellCallbacks = { taskmap: { cyclic } };

function cyclic(value: string, block: Taskmap): Taskmap {
  const stride = value === "" ? 1 : Number(value);
  if (!Number.isInteger(stride) || stride <= 0) {
    throw new FluxError("EINVAL", `invalid cyclic stride: ${value}`);
  }
  const left = Array.from({ length: block.nodeCount }, (_, node) => block.ntasks(node));
  const map = new Taskmap();
  while (map.taskCount < block.taskCount) {
    left.forEach((count, node) => {
      const ntasks = Math.min(stride, count);
      if (ntasks === 0) return;
      map.append(node, 1, ntasks);
      left[node] = count - ntasks;
    });
  }
  return map;
}
