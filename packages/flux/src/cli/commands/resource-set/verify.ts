import { verifyResources } from "@flux-ts/protocol/resource/verify";
import { command } from "../../command.ts";
import { CommandError } from "../../usage-error.ts";
import { readSets } from "./read-sets.ts";

export default command({
  name: "verify",
  summary: "Verify one R object on stdin against another",
  description: [
    "Takes 2 R objects on stdin and verifies that the resources in each rank present",
    "in R2 has at least resources present for the same rank in R1.",
  ].join("\n"),
  dialect: "A",
  usage: "",
  args: { ignored: "[ARGS...]" },
  async run({ stdin, error }) {
    const [expected, actual, ...others] = await readSets(stdin);
    if (!actual || others.length > 0) {
      throw new CommandError("verify requires exactly 2 R objects on stdin");
    }
    const { ok, text } = verifyResources(expected, actual);
    if (text !== undefined) error(text);
    return ok ? 0 : 1;
  },
});
