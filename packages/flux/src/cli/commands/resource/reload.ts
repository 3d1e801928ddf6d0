import { resolve } from "node:path";
import { resource } from "@flux-ts/protocol/services/resource";
import { command } from "../../command.ts";
import { flag } from "../../option.ts";

export default command({
  name: "reload",
  summary: "replace the resource set",
  dialect: "B",
  usage: "[-h] [-x] [-f] path",
  args: { path: "path" },
  argHelp: { path: "path to R or hwloc <rank>.xml dir" },
  options: {
    xml: flag("-x, --xml", "interpret path as XML dir"),
    force: flag("-f, --force", "allow resources to contain invalid ranks"),
  },
  async run({ args, options: { xml, force }, flux, system }) {
    const handle = await flux();
    const path = resolve(system.cwd(), args.path);
    await handle.call(resource.reload, { path, xml, force }, { nodeid: 0 });
  },
});
