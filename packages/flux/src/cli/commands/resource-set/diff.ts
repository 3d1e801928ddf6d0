import { command } from "../../command.ts";
import { textOfR } from "../resource/text-of-r.ts";
import { readAndFold } from "./read-sets.ts";

export default command({
  name: "diff",
  summary: "Return the set difference of R objects on stdin",
  description: [
    "Return the set difference of multiple R objects on stdin. (i.e. (R1 - R2) - R3",
    "...)",
  ].join("\n"),
  dialect: "A",
  usage: "",
  args: { ignored: "[ARGS...]" },
  async run({ stdin, out }) {
    out.line(textOfR(await readAndFold("diff", stdin, (a, b) => a.diff(b))));
  },
});
