import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";
import type { BrokerCore } from "./core.ts";
import type { ModuleLoader } from "./module-loader.ts";
import { loadInOrder, modulesOf } from "./rc1-modules.ts";
import type { RunStep } from "./run-level.ts";

/** Modules of the broker itself: they stay until the broker has left the overlay. */
const builtinModules = ["config", "connector-local", "groups", "rexec", "overlay"];

/** rc1 as the broker does it itself: load the modules of the instance. */
export async function runRc1(core: BrokerCore, loader: ModuleLoader): Promise<void> {
  const { attributes, rank } = core;
  const modules = modulesOf({
    rank,
    backing: attributes.get("content.backing-module"),
    disabled: disabledModules(core.config),
  });
  await loadInOrder(modules, async ({ name, args = [] }) => {
    const table = moduleTable(core.config, name);
    const extra = Array.isArray(table.args) ? table.args.map(String) : [];
    const path = typeof table.module === "string" ? table.module : name;
    try {
      await loader.load({ path, name, args: [...args, ...extra] });
    } catch (error) {
      throw describeFailure(name, error);
    }
  });
}

/** rc3: remove what rc1 and people loaded, newest first. */
export async function runRc3(core: BrokerCore): Promise<void> {
  const loaded = core.modules.all.map(({ name }) => name).reverse();
  let failure: unknown;
  for (const name of loaded) {
    if (builtinModules.includes(name)) continue;
    if (name === "content") await flushContent(core);
    try {
      await core.modules.remove(name);
    } catch (error) {
      if (!isErrno(error, "ENOENT")) failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
}

/** Scripts of a site: `rcN.d` under the configuration directory and in FLUX_RC_EXTRA, by name. */
export function scriptSteps(level: "rc1.d" | "rc3.d", confdir: string): RunStep[] {
  const extra = (process.env.FLUX_RC_EXTRA ?? "")
    .split(":")
    .filter((directory) => directory !== "");
  return [confdir, ...extra].flatMap((directory) => {
    const folder = join(directory, level);
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .sort()
      .map((name) => ({ cmdline: [join(folder, name)] }));
  });
}

async function flushContent(core: BrokerCore): Promise<void> {
  try {
    await core.flux.rpc("content.flush", {}, { nodeid: core.rank });
  } catch (error) {
    // Without a backing store there is nowhere to flush to.
    if (!isErrno(error, "ENOSYS")) throw error;
  }
}

function disabledModules(config: JsonObject): Set<string> {
  const names = (process.env.FLUX_MODPROBE_DISABLE ?? "").split(",").filter((name) => name !== "");
  if (process.env.FLUX_SCHED_MODULE === "none") names.push("sched-simple");
  const { modules } = config;
  if (isJsonObject(modules)) {
    for (const [name, table] of Object.entries(modules)) {
      if (isJsonObject(table) && table.disabled === true) names.push(name);
    }
  }
  return new Set(names);
}

function moduleTable(config: JsonObject, name: string): JsonObject {
  const { modules } = config;
  const table = isJsonObject(modules) ? modules[name] : undefined;
  return isJsonObject(table) ? table : {};
}

function describeFailure(name: string, error: unknown): FluxError {
  const text = `load ${name}: ${error instanceof Error ? error.message : error}`;
  return new FluxError(error instanceof FluxError ? error.errnum : "EIO", text, { cause: error });
}
