import { command } from "../../command.ts";
import { textOfR } from "../resource/text-of-r.ts";
import { readUnion } from "./read-sets.ts";

export default command({
  name: "remap",
  summary: "Return the union of R objects on stdin, renumbered",
  description: [
    "Return the union of all R objects on stdin with ranks re-numbered starting from",
    "index 0.",
  ].join("\n"),
  dialect: "A",
  usage: "",
  args: { ignored: "[ARGS...]" },
  async run({ stdin, out }) {
    out.line(textOfR((await readUnion(stdin)).remap()));
  },
});
