import { dirname, join } from "node:path";

/** Where the parts of this installation are: what flux-core has compiled in as paths. */
export interface Installation {
  /** The `flux` command. */
  readonly command: string;
  /** The bundled programs. */
  readonly dist: string;
  readonly builtin: Readonly<Record<string, string>>;
}

/** The installation around a bundled program, `ROOT/dist/NAME.cjs`. */
export function installationOf(program: string): Installation {
  const dist = dirname(program);
  const root = dirname(dist);
  const command = join(root, "bin", "flux");
  const etc = join(root, "etc");
  return {
    command,
    dist,
    builtin: {
      confdir: "/etc/flux",
      libexecdir: join(root, "libexec"),
      datadir: join(root, "share"),
      rundir: "/run/flux",
      rc1_path: "flux modprobe rc1",
      rc3_path: "flux modprobe rc3",
      exec_path: join(root, "libexec", "cmd"),
      connector_path: join(dist, "connectors"),
      module_path: join(dist, "modules"),
      python_path: "",
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
    },
  };
}
