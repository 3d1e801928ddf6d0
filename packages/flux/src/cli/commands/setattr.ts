import { attr } from "@flux-ts/protocol/services/attr";
import { command } from "../command.ts";
import { failedTo } from "../errors.ts";
import { flag } from "../option.ts";

export default command({
  name: "setattr",
  summary: "Set broker attribute",
  dialect: "A",
  builtin: true,
  usage: "name value",
  args: { name: "NAME", value: "VALUE" },
  options: {
    force: flag("-f, --force", "force update of attribute that doesn't support runtime changes"),
  },
  async run({ args, options, flux }) {
    const handle = await flux();
    const request = options.force ? { ...args, force: true } : args;
    await handle.call(attr.set, request).catch(failedTo(args.name));
  },
});
