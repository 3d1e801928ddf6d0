import { deleteDotted } from "@flux-ts/protocol/job/dotted-path";
import { command } from "../../command.ts";
import { configToChange, storeConfig } from "./live-config.ts";

export default command({
  name: "unset",
  summary: "Unset broker configuration value",
  dialect: "A",
  prog: "flux-config",
  builtin: true,
  usage: "NAME",
  args: { name: "NAME" },
  async run({ args, flux }) {
    const handle = await flux();
    const all = await configToChange(handle);
    deleteDotted(all, args.name);
    await storeConfig(handle, all);
  },
});
