import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { command } from "../../command.ts";
import { CommandError } from "../../usage-error.ts";
import { textOfR } from "../resource/text-of-r.ts";
import { readUnion } from "./read-sets.ts";

export default command({
  name: "rerank",
  summary: "Return the union of R objects on stdin, ranks by host",
  description: [
    "Return the union of all R objects on stdin with ranks re-mapped  based on their",
    "index in HOSTLIST.",
  ].join("\n"),
  dialect: "A",
  usage: "HOSTLIST",
  args: { hosts: "[HOSTLIST...]" },
  async run({ args, stdin, out }) {
    const set = await readUnion(stdin);
    const [hosts, ...others] = args.hosts;
    if (hosts === undefined || others.length > 0) {
      throw new CommandError("Must provide a hostlist for re-ranking: Success");
    }
    out.line(textOfR(reranked(set, hosts)));
  },
});

function reranked(set: ResourceSet, hosts: string): ResourceSet {
  const expected = `hosts specified (expected ${set.nnodes})`;
  try {
    return set.rerank(Hostlist.parse(hosts));
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    switch (error.code) {
      case "ENOENT":
        throw new CommandError("failed to find one or more provided hosts in R");
      case "EOVERFLOW":
        throw new CommandError(`Too many ${expected}`);
      case "ENOSPC":
        throw new CommandError(`Too few ${expected}`);
      default:
        throw new CommandError("rlist_rerank: Invalid argument");
    }
  }
}
