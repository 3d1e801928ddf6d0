import { isErrno } from "@flux-ts/protocol/rpc/error";
import { attr } from "@flux-ts/protocol/services/attr";
import { command } from "../command.ts";
import { CommandError } from "../usage-error.ts";

export default command({
  name: "getattr",
  summary: "Get broker attribute",
  dialect: "A",
  builtin: true,
  usage: "name",
  args: { name: "NAME" },
  async run({ args, flux, out }) {
    const handle = await flux();
    const { value } = await handle.call(attr.get, { name: args.name }).catch((error: unknown) => {
      if (!isErrno(error, "ENOENT")) throw error;
      throw new CommandError(`${args.name}: No such file or directory`);
    });
    out.line(value);
  },
});
