import { writeFileSync } from "node:fs";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject } from "@flux-ts/protocol/schema/json";
import { LogLevel } from "../log-level.ts";
import { defineShellPlugin } from "../plugin.ts";

/** `-o hwloc.xmlfile`: the node's topology in a file, so that tasks need not find it out again. */
export default defineShellPlugin({
  name: "hwloc",
  load(shell) {
    const option = shell.options.get("hwloc");
    if (!isJsonObject(option) || !option.xmlfile) return undefined;
    return {
      "shell.post-init"() {
        const { env, site } = shell;
        if (site.topologyXml === undefined) {
          throw new FluxError("ENOENT", "failed to get shell hwloc xml");
        }
        const path = `${env.get("FLUX_JOB_TMPDIR") ?? "/tmp"}/hwloc.xml`;
        writeFileSync(path, site.topologyXml, { mode: 0o640, flag: "wx" });
        shell.log(LogLevel.Debug, `Wrote HWLOC_XMLFILE=${path}`, "hwloc");
        if (env.get("HWLOC_XMLFILE") === undefined) env.set("HWLOC_XMLFILE", path);
        // With this variable hwloc ignores the file.
        env.unset("HWLOC_COMPONENTS");
      },
    };
  },
});
