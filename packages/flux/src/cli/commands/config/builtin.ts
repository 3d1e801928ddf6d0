import { join } from "node:path";
import { command } from "../../command.ts";
import { flag } from "../../option.ts";
import { pythonPath } from "../../python-path.ts";
import { CommandError } from "../../usage-error.ts";

export default command({
  name: "builtin",
  summary: "Print compiled-in Flux configuration values",
  dialect: "A",
  prog: "flux-config",
  builtin: true,
  usage: "NAME",
  args: { name: "NAME" },
  options: {
    intree: flag("--intree", "Force in-tree paths to be used"),
    installed: flag("--installed", "Force installed paths to be used"),
  },
  run({ args, out, system }) {
    const paths = builtinPaths(system.root);
    const value = Object.hasOwn(paths, args.name) ? paths[args.name] : undefined;
    if (value === undefined) throw new CommandError(`${args.name} is invalid`);
    out.line(value);
  },
});

/** Where an installation has its parts; one tree serves as source and installation. */
function builtinPaths(root: string): Readonly<Record<string, string>> {
  const dist = join(root, "dist");
  const etc = join(root, "etc");
  return {
    confdir: "/etc/flux",
    libexecdir: join(root, "libexec"),
    datadir: join(root, "share"),
    rundir: "/run/flux",
    rc1_path: "flux modprobe rc1",
    rc3_path: "flux modprobe rc3",
    exec_path: join(root, "libexec", "cmd"),
    connector_path: join(dist, "connectors"),
    module_path: join(dist, "modules"),
    python_path: pythonPath(root),
    python_wrapper: "",
    lua_path_add: "",
    lua_cpath_add: "",
    man_path: join(root, "man"),
    cmdhelp_pattern: join(etc, "help.d", "*.json"),
    pmi_library_path: "",
    shell_path: join(root, "libexec", "flux-shell"),
    shell_pluginpath: join(dist, "shell", "plugins"),
    shell_initrc: join(etc, "shell", "initrc.mjs"),
    jobtap_pluginpath: join(dist, "job-manager", "plugins"),
    upmi_pluginpath: "",
    no_docs_path: "",
  };
}
