import { writeFileSync } from "node:fs";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject } from "@flux-ts/protocol/schema/json";
import { LogLevel } from "../log-level.ts";
import { defineShellPlugin } from "../plugin.ts";

/**
 * `attributes.system.batch`: an older form of batch jobs. The first task becomes a broker that runs
 * the script, the others its followers.
 */
export default defineShellPlugin({
  name: "batch",
  load(shell) {
    const batch = shell.job.jobspec.attributes.system?.batch;
    if (batch === undefined) return undefined;
    if (!isJsonObject(batch) || typeof batch.script !== "string") {
      throw new FluxError("EINVAL", "batch: failed to unpack batch info: script is missing");
    }
    const { script: text, "broker-opts": given = [] } = batch;
    if (!Array.isArray(given)) {
      throw new FluxError("EINVAL", "batch.broker-opts attribute must be an array");
    }
    const broker = ["flux", "broker", ...given.map(String)];
    let path = "";
    return {
      "shell.init"() {
        if (!shell.isLeader) return;
        path = `${shell.env.get("FLUX_JOB_TMPDIR")}/script`;
        writeFileSync(path, text, { mode: 0o700, flag: "wx" });
      },
      "task.init"(task) {
        const [program = "", subcommand = ""] = task.argv;
        const name = program.slice(program.lastIndexOf("/") + 1);
        if (name === "flux" && (subcommand === "broker" || subcommand === "start")) return;
        task.argv = task.rank === 0 ? [...broker, path, ...task.argv.slice(1)] : broker;
        const command = task.argv.join(" ");
        shell.log(LogLevel.Debug, `task${task.rank}: re-writing command to ${command}`, "batch");
      },
    };
  },
});
