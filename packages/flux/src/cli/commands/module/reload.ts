import { command } from "../../command.ts";
import { load, loadOptions } from "./load.ts";
import { moduleName, modulePath } from "./module-path.ts";
import { remove, removeOptions } from "./remove.ts";

const { force, cancel } = removeOptions;
const { name, exec, loader } = loadOptions;

export default command({
  name: "reload",
  summary: "Reload module",
  dialect: "A",
  usage: "[OPTIONS] module",
  args: { module: "MODULE", args: "[ARGS...]" },
  options: { force, name, cancel, exec, loader },
  async run({ args, options, flux }) {
    const path = modulePath(args.module);
    const handle = await flux();
    await remove(handle, options.name ?? moduleName(args.module), options);
    await load(handle, path, args.args, options);
  },
});
