import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject } from "@flux-ts/protocol/schema/json";
import { Taskmap } from "@flux-ts/protocol/text/taskmap";
import type { Shell } from "./shell.ts";
import type { TaskLayout } from "./task-layout.ts";

/**
 * The layout as option `taskmap` wants it (RFC 34): `block` is how tasks are laid out anyway,
 * `manual` gives the map itself, other schemes are those of plugins.
 */
export function remap(shell: Shell): TaskLayout {
  const { layout } = shell;
  const option = shell.options.get("taskmap");
  if (option === undefined) return layout;
  const { scheme, value = "" } = isJsonObject(option) ? option : {};
  if (typeof scheme !== "string" || typeof value !== "string") {
    throw new FluxError("EINVAL", "failed to parse taskmap shell option");
  }
  if (scheme === "block") {
    if (value === "") return layout;
    throw new FluxError("EINVAL", `block taskmap does not accept a value (got ${value})`);
  }
  const taskmap = scheme === "manual" ? manual(value) : byPlugin(shell, scheme, value);
  try {
    layout.taskmap.checkSameSize(taskmap);
  } catch (error) {
    throw new FluxError("EINVAL", `invalid taskmap: ${(error as Error).message}`);
  }
  const nodes = layout.nodes.map((node, id) => ({ ...node, ntasks: taskmap.ntasks(id) }));
  return { ...layout, nodes, taskmap };
}

function manual(value: string): Taskmap {
  try {
    return Taskmap.parse(value);
  } catch (error) {
    throw new FluxError("EINVAL", `taskmap=${value}: ${(error as Error).message}`);
  }
}

function byPlugin(shell: Shell, scheme: string, value: string): Taskmap {
  const map = shell.plugins.taskmap(scheme);
  if (!map) throw new FluxError("EINVAL", `failed to map tasks with scheme=${scheme}`);
  return map(value, shell.layout.taskmap);
}
