import { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { command } from "../../command.ts";
import { CommandError } from "../../usage-error.ts";
import { textOfR } from "../resource/text-of-r.ts";
import { readSets } from "./read-sets.ts";

export default command({
  name: "append",
  summary: "Append multiple R objects on stdin",
  description: [
    "Append multiple R objects on stdin. Emits an error if resource sets are not",
    "disjoint.",
  ].join("\n"),
  dialect: "A",
  usage: "",
  args: { ignored: "[ARGS...]" },
  async run({ stdin, out }) {
    const all = new ResourceSet();
    for (const set of await readSets(stdin)) {
      if (all.intersect(set).nnodes > 0) {
        throw new CommandError(`R objects '${all.dumps()}' and '${set.dumps()}' overlap`);
      }
      all.append(set);
    }
    out.line(textOfR(all));
  },
});
