import { isJsonObject } from "@flux-ts/protocol/schema/json";
import { LogLevel } from "../log-level.ts";
import { defineShellPlugin } from "../plugin.ts";

/** Variables whose values are templates (`--env=VAR={{tag}}`): for the job, or for each task. */
export default defineShellPlugin({
  name: "env-expand",
  load(shell) {
    const option = shell.options.get("env-expand");
    if (!isJsonObject(option)) return undefined;
    const perTask = new Map<string, string>();
    return {
      "shell.init"() {
        for (const [name, template] of Object.entries(option)) {
          if (typeof template !== "string") {
            shell.log(LogLevel.Error, `invalid value for env var ${name}`, "env-expand");
            continue;
          }
          const value = shell.render(template);
          if (value.includes("{{")) perTask.set(name, template);
          else shell.env.set(name, value);
        }
      },
      "task.init"(task) {
        for (const [name, template] of perTask) task.env[name] = shell.render(template, { task });
      },
    };
  },
});
