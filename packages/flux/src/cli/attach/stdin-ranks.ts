import { Idset } from "@flux-ts/protocol/text/idset";
import { Taskmap } from "@flux-ts/protocol/text/taskmap";

/** Which tasks of a job get input (those of `ranks` that exist), and which never will. */
export function inputRanks(taskmap: unknown, ranks: string): { open: Idset; closed: Idset } {
  const all = Idset.range(0, Taskmap.fromJson(taskmap).taskCount - 1);
  const open = Idset.parse(ranks).intersect(all);
  return { open, closed: all.subtract(open) };
}
