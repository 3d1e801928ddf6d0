// Entry of a module thread: load the module, run it on the port it was given.

import { type MessagePort, workerData } from "node:worker_threads";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { ModuleDefinition } from "../../plugins/module.ts";
import { ModuleRuntime } from "../../plugins/module-runtime.ts";
import { PortTransport } from "../../plugins/port-transport.ts";
import { builtins } from "../builtins.ts";
import type { ThreadStart } from "./thread.ts";

async function definitionOf(source: string): Promise<ModuleDefinition> {
  const builtin = builtins[source];
  if (builtin) return (await builtin.load()).default;
  const loaded = (await import(source)) as { default?: ModuleDefinition };
  if (!loaded.default) throw new FluxError("EINVAL", `${source}: has no default export`);
  return loaded.default;
}

async function main(): Promise<void> {
  const { start, port } = workerData as { start: ThreadStart; port: MessagePort };
  const definition = await definitionOf(start.source);
  const runtime = new ModuleRuntime(new PortTransport(port), definition, start.welcome);
  await runtime.run();
}

void main();
