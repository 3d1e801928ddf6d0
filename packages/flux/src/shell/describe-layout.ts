import { LogLevel } from "./log-level.ts";
import type { Shell } from "./shell.ts";

/** Log what the shell is about to do, for those who want to know. */
export function describeLayout(shell: Shell): void {
  if (shell.verbose === 0) return;
  const { layout, rank, ntasks, node } = shell;
  if (shell.isLeader) {
    const { nslots, coresPerSlot, slotsPerNode } = layout.slots;
    const counts = `task_count=${ntasks} slot_count=${nslots}`;
    const sizes = `cores_per_slot=${coresPerSlot} slots_per_node=${slotsPerNode}`;
    shell.log(LogLevel.Debug, `0: ${counts} ${sizes}`);
  }
  const ids = layout.taskmap.taskids(rank);
  const name = ids.size > 1 ? "tasks" : "task";
  const where = `on cores ${node.cores.encode()}`;
  shell.log(LogLevel.Debug, `${rank}: ${name} ${ids.encode({ brackets: true })} ${where}`);
}
