import type { FormatSource } from "../../output/named-formats.ts";

/** Tables that the configuration files of `flux resource` have. */
export const tables = { status: [], list: ["hidden-queues"], drain: [] };

const columns = "{state:>10} ?+:{queue:<5} ?:{propertiesx:<10.10+} {nnodes:>6} +:{ncores:>6} ";

export const listFormats: FormatSource = {
  name: "flux-resource",
  table: "list",
  tables,
  builtin: {
    default: {
      description: "Default flux-resource list format string",
      format: `${columns}?+:{ngpus:>5} {nodelist}`,
    },
    rlist: {
      description: "Format including resource list details",
      // The plus sign is flux-core's, which meant another mark.
      format: `${columns}+{ngpus:>5} {rlist}`,
    },
  },
};
