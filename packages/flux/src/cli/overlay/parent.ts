import { CommandError } from "../usage-error.ts";
import type { BrokerTree } from "./broker-tree.ts";

/** The rank above a rank. Throws CommandError if there is none. */
export function parentIn(tree: BrokerTree, rank: number): number {
  const parent = tree.parentOf(rank);
  if (parent !== undefined) return parent;
  throw new CommandError(
    rank === 0 ? "0 has no parent" : `${rank} is not a valid rank in this instance`,
  );
}
