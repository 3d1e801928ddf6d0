import { connect } from "@flux-ts/client/connect";
import { parseJobId } from "@flux-ts/protocol/job/fluid";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import { Idset } from "@flux-ts/protocol/text/idset";
import { Taskmap } from "@flux-ts/protocol/text/taskmap";
import type { BootAttributes } from "./boot-attributes.ts";

/**
 * Tell the instance that this one is a job of how to reach it, and which of the job's nodes it cannot
 * do without. Only the first is necessary. Throws what the parent answered.
 */
export async function notifyParent(attributes: BootAttributes, hostname: string): Promise<void> {
  const required = (name: string): string => {
    const value = attributes.get(name);
    if (value === undefined) throw new FluxError("ENOENT", `attribute ${name} is not set`);
    return value;
  };
  const id = parseJobId(required("jobid"));
  const path = required("local-uri").slice("local://".length);
  await using parent = await connect(required("parent-uri"));
  const memo = parent.rpc("job-manager.memo", { id, memo: { uri: `ssh://${hostname}${path}` } });
  const ranks = criticalNodes(required("broker.mapping"), required("broker.critical-ranks"));
  const critical = parent.rpc("job-exec.critical-ranks", { id, ranks });
  await Promise.all([
    memo,
    critical.catch((error: unknown) => {
      if (!isErrno(error, "ENOSYS")) throw error;
    }),
  ]);
}

/** The nodes of the job, numbered as its shells are, that hold critical brokers. */
export function criticalNodes(mapping: string, criticalRanks: string): string {
  const map = Taskmap.parse(mapping);
  const nodes = new Idset();
  for (const rank of Idset.parse(criticalRanks)) {
    const node = map.nodeid(rank);
    if (node !== undefined) nodes.add(node);
  }
  return nodes.encode();
}
