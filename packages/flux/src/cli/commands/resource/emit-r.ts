import { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { command } from "../../command.ts";
import { text } from "../../option.ts";
import { filterOptions, inputOptions } from "./filter-options.ts";
import { listedResources, parseStates } from "./listed-resources.ts";
import { textOfR } from "./text-of-r.ts";

export default command({
  name: "R",
  summary: "print the resource set",
  dialect: "B",
  usage: "[-h] [-s STATE,...] [-i TARGETS] [-q QUEUE,...]",
  options: {
    states: text("-s, --states=STATE,...", "Emit R for resources in given states", {
      initial: "all",
      aliases: ["--state"],
    }),
    ...filterOptions,
    ...inputOptions,
  },
  async run(context) {
    const { options, out } = context;
    const states = parseStates(options.states);
    const { resources } = await listedResources(options, context);
    let set = new ResourceSet();
    for (const state of states) set = set.union(resources[state]);
    const { starttime, expiration } = resources.all;
    out.line(textOfR(Object.assign(set, { starttime, expiration, scheduling: undefined })));
  },
});
