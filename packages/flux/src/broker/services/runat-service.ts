import type { Handlers } from "@flux-ts/client/dispatcher";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { runat } from "@flux-ts/protocol/services/runat";
import type { RunLevel } from "../run-level.ts";

/** Commands one run level may hold. */
const maxCommands = 10_000;

/** The `runat` service: adds commands to run levels. */
export function runatService(levels: ReadonlyMap<string, RunLevel>): Handlers<typeof runat> {
  let count = 0;
  return {
    push({ name, commands }) {
      const level = levels.get(name);
      if (!level) throw new FluxError("EPROTO", `there is no run level "${name}"`);
      if (commands.some((command) => command === "")) {
        throw new FluxError("EPROTO", "a command must not be empty");
      }
      count += commands.length;
      if (count > maxCommands) throw new FluxError("ENOSPC", `too many commands in ${name}`);
      for (const command of commands) level.push({ cmdline: shellCommand(command) });
    },
  };
}

/** A command text as the shell runs it. */
export function shellCommand(text: string): string[] {
  return [process.env.SHELL || "/bin/bash", "-c", text];
}
