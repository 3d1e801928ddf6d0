import { attr } from "@flux-ts/protocol/services/attr";
import { command } from "../command.ts";
import { failedTo } from "../errors.ts";

export default command({
  name: "getattr",
  summary: "Get broker attribute",
  dialect: "A",
  builtin: true,
  usage: "name",
  args: { name: "NAME" },
  async run({ args, flux, out }) {
    const handle = await flux();
    const { value } = await handle.call(attr.get, args).catch(failedTo(args.name));
    out.line(value);
  },
});
