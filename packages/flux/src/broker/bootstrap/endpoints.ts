import type { Taskmap } from "@flux-ts/protocol/text/taskmap";

/** What decides which kinds of endpoints a broker binds. */
export interface Neighbourhood {
  readonly rank: number;
  readonly children: readonly number[];
  /** Where the brokers run; undefined: not known, so each is taken to be alone. */
  readonly mapping: Taskmap | undefined;
  readonly preferTcp: boolean;
}

/** Sockets of the file system reach the children on this node, TCP all of them: what is needed? */
export function endpointKinds(hood: Neighbourhood): readonly ("tcp" | "ipc")[] {
  const { rank, children, preferTcp } = hood;
  if (children.length === 0) return [];
  const local = children.filter((child) => sameNode(hood.mapping, rank, child)).length;
  if (preferTcp || local === 0) return ["tcp"];
  return local === children.length ? ["ipc"] : ["tcp", "ipc"];
}

/** True if two brokers are known to run on the same node. */
export function sameNode(mapping: Taskmap | undefined, rank: number, other: number): boolean {
  const node = mapping?.nodeid(rank);
  return node !== undefined && node === mapping?.nodeid(other);
}
