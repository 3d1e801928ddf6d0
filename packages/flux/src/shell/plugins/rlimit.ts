import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject } from "@flux-ts/protocol/schema/json";
import { isRlimitName, type RlimitName, rlimit } from "../../native/rlimit.ts";
import { LogLevel } from "../log-level.ts";
import { defineShellPlugin } from "../plugin.ts";
import type { Shell } from "../shell.ts";

const component = "rlimit";

/** Soft resource limits of the tasks, by default those that the submitter had. */
export default defineShellPlugin({
  name: "rlimit",
  load(shell) {
    const option = shell.options.get("rlimit");
    if (!isJsonObject(option)) return undefined;
    return {
      "shell.init"() {
        const limits: Partial<Record<RlimitName, number>> = {};
        for (const [key, value] of Object.entries(option)) {
          const name = key === "ofile" ? "nofile" : key;
          if (!isRlimitName(name) || typeof value !== "number" || !Number.isInteger(value)) {
            const text = `invalid shell option rlimit.${key}=${JSON.stringify(value)}`;
            throw new FluxError("EINVAL", text);
          }
          const limit = limitFor(shell, name, value);
          if (limit !== undefined) limits[name] = limit;
        }
        if (Object.keys(limits).length === 0) return;
        for (const task of shell.tasks) task.rlimits = limits;
      },
    };
  },
});

/** The soft limit to set; undefined: tasks have it anyway. -1 is unlimited. */
function limitFor(shell: Shell, name: RlimitName, wanted: number): number | undefined {
  const { soft, hard } = rlimit(name);
  if (wanted === soft) return undefined;
  if (hard === -1 || (wanted !== -1 && wanted <= hard)) return wanted;
  const text = `${name} exceeds current max, raising value to hard limit`;
  shell.log(LogLevel.Warn, text, component);
  return hard === soft ? undefined : hard;
}
