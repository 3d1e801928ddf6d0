import { command } from "../../command.ts";
import { textOfR } from "../resource/text-of-r.ts";
import { setProperties } from "./properties.ts";
import { readUnion } from "./read-sets.ts";

export default command({
  name: "set-property",
  summary: "Set properties on R object on stdin, emitting the result on stdout",
  dialect: "A",
  usage: "PROPERTY:RANKS [PROPERTY:RANKS]...",
  args: { properties: "[PROPERTY:RANKS...]" },
  async run({ args, stdin, out }) {
    const set = await readUnion(stdin);
    setProperties(set, args.properties);
    out.line(textOfR(set));
  },
});
