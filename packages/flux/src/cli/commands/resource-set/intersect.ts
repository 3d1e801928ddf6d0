import { command } from "../../command.ts";
import { textOfR } from "../resource/text-of-r.ts";
import { readAndFold } from "./read-sets.ts";

export default command({
  name: "intersect",
  summary: "Return the intersection of all R objects on stdin",
  dialect: "A",
  usage: "",
  args: { ignored: "[ARGS...]" },
  async run({ stdin, out }) {
    out.line(textOfR(await readAndFold("intersect", stdin, (a, b) => a.intersect(b))));
  },
});
