import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { isJsonObject } from "@flux-ts/protocol/schema/json";
import type { ModuleDefinition, ModuleHost } from "../plugins/module.ts";
import { builtins } from "./builtins.ts";
import { inlineHost } from "./hosts/inline.ts";
import { threadHost } from "./hosts/thread.ts";
import type { ModuleTable } from "./module-table.ts";

export interface LoadRequest {
  readonly path: string;
  readonly args: readonly string[];
  readonly name?: string | undefined;
}

/** Finds modules, built-in or in files, and starts each in its host. */
export class ModuleLoader {
  readonly #table: ModuleTable;
  readonly #thread: ReturnType<typeof threadHost>;
  readonly #config: () => JsonObject;

  /** `threadEntry`: the program a module thread runs. */
  constructor(table: ModuleTable, threadEntry: string, config: () => JsonObject) {
    this.#table = table;
    this.#thread = threadHost(threadEntry);
    this.#config = config;
  }

  /** `module.load`: a path with a slash, or a name. ENOENT if nothing has that name. */
  async load({ path, args, name }: LoadRequest): Promise<void> {
    const builtin = Object.hasOwn(builtins, path) ? builtins[path] : undefined;
    if (builtin) {
      const { default: definition } = await builtin.load();
      await this.loadDefinition(definition, args, { name, path });
      return;
    }
    const file = findModuleFile(path);
    if (!file) throw new FluxError("ENOENT", "module not found in search path");
    const { default: definition } = (await import(file)) as { default?: ModuleDefinition };
    if (!definition) throw new FluxError("EINVAL", `${file} has no default export`);
    await this.loadDefinition(definition, args, { name, path: file, source: file });
  }

  /** Load a module whose definition is at hand. */
  loadDefinition(
    definition: ModuleDefinition,
    args: readonly string[],
    options: { name?: string | undefined; path: string; source?: string },
  ): Promise<void> {
    const { path, source = definition.name } = options;
    const inThread = this.#hostOf(definition) === "thread";
    return this.#table.load({
      name: options.name ?? definition.name,
      path,
      args,
      start: (welcome) =>
        inThread ? this.#thread.start(source, welcome) : inlineHost.start(definition, welcome),
    });
  }

  /** `broker.module-host` in the configuration forces one kind for all. */
  #hostOf(definition: ModuleDefinition): ModuleHost {
    const { broker } = this.#config();
    const forced = isJsonObject(broker) ? broker["module-host"] : undefined;
    return forced === "inline" || forced === "thread" ? forced : definition.host;
  }
}

/** A module file by path, or by name along FLUX_MODULE_PATH. */
function findModuleFile(path: string): string | undefined {
  if (path.includes("/")) return existsSync(path) ? path : undefined;
  const directories = (process.env.FLUX_MODULE_PATH ?? "").split(":").filter((dir) => dir !== "");
  for (const directory of directories) {
    for (const suffix of ["", ".mjs", ".cjs", ".js"]) {
      const file = join(directory, basename(path) + suffix);
      if (existsSync(file)) return file;
    }
  }
  return undefined;
}
